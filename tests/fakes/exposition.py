"""The text of a scrape, made of counts in memory: without the buckets of histograms."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime

from application.ports.exposition import Exposition
from application.queries.look_around import ModelState, ServiceState
from domain.observation import ObservedModel
from domain.readiness import Health, Readiness
from tests.fakes.telemetry import InMemoryTelemetry

Sample = tuple[str, Mapping[str, str], float]


class InMemoryExposition(Exposition):
    def __init__(self, telemetry: InMemoryTelemetry, look_around: Callable[[], ServiceState],
                 readiness: Callable[[], Readiness], now: Callable[[], datetime]) -> None:
        self._telemetry, self._look_around, self._now = telemetry, look_around, now
        self._readiness = readiness
        self._state = ServiceState()

    def text(self) -> bytes:
        with suppress(Exception):
            self._state = self._look_around()
        samples = [*_counted(self._telemetry), *_known(self._state, self._now()), *_ready(self._readiness())]
        return "".join(map(_line, samples)).encode()

    def begin(self) -> None:
        """No process is dead: all count in this one."""


def _line(sample: Sample) -> str:
    name, labels, value = sample
    # Of a label, JSON escapes what Prometheus does, and leaves the rest as it is.
    told = ",".join(f"{label}={json.dumps(text, ensure_ascii=False)}" for label, text in labels.items())
    return f"{name}{{{told}}} {value}\n"


def _counted(telemetry: InMemoryTelemetry) -> Iterator[Sample]:
    for (route, task, status), count in telemetry.requests.items():
        yield "progon_requests_total", {"route": route, "task": task, "status": str(status)}, count
    for (task, experiment_id, label), count in telemetry.predictions.items():
        yield "progon_predictions_total", {"task": task, "experiment_id": str(experiment_id), "label": label}, count
    yield from _summed("progon_request_seconds", "route", telemetry.request_s)
    yield from _summed("progon_inference_seconds", "task", telemetry.inference_s)
    yield from _summed("progon_prediction_score", "task", telemetry.scores)
    yield "progon_busy_total", {}, telemetry.busy
    yield "progon_prediction_log_backlog_rows", {}, telemetry.backlog_rows
    yield "progon_prediction_log_lost_rows_total", {}, telemetry.lost_rows
    yield "progon_prediction_log_torn_entries_total", {}, telemetry.torn


def _summed(name: str, label: str, lists: Mapping[str, list[float]]) -> Iterator[Sample]:
    for text, values in lists.items():
        yield f"{name}_count", {label: text}, len(values)
        yield f"{name}_sum", {label: text}, sum(values)


def _known(state: ServiceState, now: datetime) -> Iterator[Sample]:
    for model in state.models:
        yield from _deployed(model)
    observed = [model.observed for model in state.models if model.observed is not None]
    for seen in observed:
        yield from _seen(seen)
    if observed:
        yield "progon_observation_age_seconds", {}, (now - min(seen.at for seen in observed)).total_seconds()
    for (task, experiment_id), share in state.progress.items():
        yield "progon_training_progress", {"task": task, "experiment_id": str(experiment_id)}, share
    for task, moment in state.failed_at.items():
        yield "progon_training_failed_timestamp_seconds", {"task": task}, moment.timestamp()


def _deployed(model: ModelState) -> Iterator[Sample]:
    task, deployment = model.deployment.task, model.deployment
    labels = {"task": task, "experiment_id": str(deployment.experiment_id)}
    if (rollout := deployment.rollout) is not None:
        yield "progon_rollout_share", {
            "task": task, "experiment_id": str(rollout.experiment_id), "role": str(rollout.role)}, rollout.share
    yield "progon_model_info", labels | {"commit_hash": model.commit_hash}, 1
    yield "progon_model_deployed_timestamp_seconds", labels, deployment.created_at.timestamp()
    for metric, value in model.promised.items():
        yield "progon_promised_quality", {"task": task, "metric": metric}, value


def _seen(model: ObservedModel) -> Iterator[Sample]:
    for feature, drift in model.drift.items():
        labels = {"task": model.task, "feature": feature}
        yield "progon_feature_drift", labels, drift.psi
        yield "progon_feature_missing", labels, drift.missing
        if drift.unseen is not None:
            yield "progon_feature_unseen", labels, drift.unseen
    for metric, value in model.quality.items():
        yield "progon_live_quality", {"task": model.task, "metric": metric}, value


def _ready(readiness: Readiness) -> Iterator[Sample]:
    for one in readiness.dependencies:
        yield "progon_dependency_ok", {"dependency": one.name}, int(one.health is Health.OK)
        if one.free_bytes is not None:
            yield "progon_disk_free_bytes", {"dependency": one.name}, one.free_bytes
    for task in readiness.tasks:
        yield "progon_model_loaded", {"task": task.task}, int(task.health is Health.OK)
