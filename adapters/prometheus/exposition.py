"""All metrics as the text that a scrape asks for: the counts of every process, and what the database tells."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from adapters.prometheus import telemetry as names
from adapters.prometheus.counters import Counters
from adapters.prometheus.memory_gauge import IN_MEMORY
from adapters.prometheus.shadow_meter import SHADOW_ROWS
from application.ports.exposition import Exposition
from application.queries.look_around import ModelState, ServiceState
from domain.observation import ObservedModel
from domain.readiness import Health, Readiness

_COUNTERS = {
    names.REQUESTS: ("Requests answered.", ("route", "task", "status")),
    names.PREDICTIONS: ("Rows answered, by predicted label (empty for a number).", ("task", "experiment_id", "label")),
    SHADOW_ROWS: ("Rows for the shadow of a task: answered, failed, or left out where too many came.",
                  ("task", "outcome")),
    names.BUSY: ("Requests turned away: no slot, no memory, or no time was left.", ()),
    names.LOST: ("Answered rows that the prediction log could not keep.", ()),
    names.TORN: ("Entries of the prediction log torn by a kill before they were answered.", ()),
}
_HISTOGRAMS = {
    names.REQUEST_S: ("Time to answer, in seconds.", ("route",)),
    names.INFERENCE_S: ("Time of one run of a model, in seconds.", ("task",)),
    names.SCORE: ("Probability of the predicted label, or the predicted number.", ("task",)),
}


_Totals = dict[tuple[str, tuple[str, ...]], tuple[float, ...]]


class PrometheusExposition(Exposition, Collector):
    """registry: of this service alone. look_around, readiness: asked at each scrape. now: UTC."""

    def __init__(self, registry: CollectorRegistry, counters: Counters, look_around: Callable[[], ServiceState],
                 readiness: Callable[[], Readiness], now: Callable[[], datetime]) -> None:
        self._registry, self._counters, self._look_around, self._now = registry, counters, look_around, now
        self._readiness = readiness
        self._state = ServiceState()
        registry.register(self)

    def text(self) -> bytes:
        return generate_latest(self._registry)

    def begin(self) -> None:
        self._counters.clear()

    def collect(self) -> Iterator[Metric]:
        yield from self._counted()
        with suppress(Exception):  # the counts are shown all the same; the age of what was seen tells
            self._state = self._look_around()
        yield from _model_metrics(self._state.models, self._now())
        yield from _experiment_metrics(self._state)
        yield from _readiness_metrics(self._readiness())

    def _counted(self) -> Iterator[Metric]:
        totals: _Totals = {}
        for series in self._counters.all():
            if series.name in (names.BACKLOG, IN_MEMORY) and not series.alive:
                continue  # what waits is told by the one that took its place; in memory it has nothing
            key = (series.name, series.labels)
            totals[key] = tuple(map(sum, zip(totals.get(key, (0.0,) * len(series.values)), series.values)))
        for name, (text, labels) in _COUNTERS.items():
            family = CounterMetricFamily(name, text, labels=labels)
            for values, (total,) in _of(name, totals) or ([((), (0.0,))] if not labels else []):
                family.add_metric(values, total)
            yield family
        for name, (text, labels) in _HISTOGRAMS.items():
            yield _histogram(name, text, labels, totals)
        yield GaugeMetricFamily(names.BACKLOG, "Answered rows that are not in the database yet.",
                                sum(total for _, (total,) in _of(names.BACKLOG, totals)))
        yield GaugeMetricFamily(IN_MEMORY, "What requests have in memory, by estimate.",
                                sum(total for _, (total,) in _of(IN_MEMORY, totals)))


def _of(name: str, totals: _Totals) -> list[tuple[tuple[str, ...], tuple[float, ...]]]:
    return sorted((labels, values) for (found, labels), values in totals.items() if found == name)


def _histogram(name: str, text: str, labels: tuple[str, ...], totals: _Totals) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, text, labels=labels)
    for kind, edges in names.BUCKETS.items():
        if kind.partition(":")[0] == name:
            bounds = [*map(str, map(float, edges)), "+Inf"]
            for values, (*counts, total) in _of(kind, totals):
                family.add_metric(values, list(zip(bounds, accumulate(counts), strict=True)), total)
                if edges[0] < 0:  # there the library leaves these two out
                    named = dict(zip(labels, values, strict=True))
                    family.add_sample(f"{name}_count", named, sum(counts))
                    family.add_sample(f"{name}_sum", named, total)
    return family


def _model_metrics(models: Sequence[ModelState], now: datetime) -> Iterator[Metric]:
    info = InfoMetricFamily("progon_model", "What serves.", labels=("task", "experiment_id"))
    deployed = GaugeMetricFamily("progon_model_deployed_timestamp_seconds", "When what serves was deployed.",
                                 labels=("task", "experiment_id"))
    promised = GaugeMetricFamily("progon_promised_quality", "The metrics on the rows held out in training.",
                                 labels=("task", "metric"))
    share = GaugeMetricFamily("progon_rollout_share", "Share of the requests that a candidate is asked.",
                              labels=("task", "experiment_id", "role"))
    for model in models:
        if (rollout := model.deployment.rollout) is not None:
            share.add_metric((model.deployment.task, str(rollout.experiment_id), str(rollout.role)), rollout.share)
        labels = (model.deployment.task, str(model.deployment.experiment_id))
        info.add_metric(labels, {"commit_hash": model.commit_hash})
        deployed.add_metric(labels, model.deployed_at.timestamp())
        for metric, value in model.promised.items():
            promised.add_metric((model.deployment.task, metric), value)
    yield from (info, deployed, promised, share)
    yield from _observed_metrics([model.observed for model in models if model.observed is not None], now)


def _observed_metrics(models: Sequence[ObservedModel], now: datetime) -> Iterator[Metric]:
    psi, missing, unseen = (GaugeMetricFamily(f"progon_feature_{name}", text, labels=("task", "feature"))
                            for name, text in (
        ("drift", "Population stability index against the training data."),
        ("missing", "Share of rows without a value."),
        ("unseen", "Share of rows with a value that training had not.")))
    live = GaugeMetricFamily("progon_live_quality", "Metrics over the answers whose label is known.",
                             labels=("task", "metric"))
    for model in models:
        for feature, drift in model.drift.items():
            psi.add_metric((model.task, feature), drift.psi)
            missing.add_metric((model.task, feature), drift.missing)
            if drift.unseen is not None:
                unseen.add_metric((model.task, feature), drift.unseen)
        for metric, value in model.quality.items():
            live.add_metric((model.task, metric), value)
    yield from (psi, missing, unseen, live)
    if models:
        yield GaugeMetricFamily("progon_observation_age_seconds", "Since the models were looked at.",
                                (now - min(model.at for model in models)).total_seconds())


def _readiness_metrics(readiness: Readiness) -> Iterator[Metric]:
    well = GaugeMetricFamily("progon_dependency_ok", "1 where all is well, 0 where /readyz says what is wrong.",
                             labels=("dependency",))
    free = GaugeMetricFamily("progon_disk_free_bytes", "How much more a disk of the service takes.",
                             labels=("dependency",))
    loaded = GaugeMetricFamily("progon_model_loaded", "1 where what was deployed last answers.", labels=("task",))
    for dependency in readiness.dependencies:
        well.add_metric((dependency.name,), dependency.health is Health.OK)
        if dependency.free_bytes is not None:
            free.add_metric((dependency.name,), dependency.free_bytes)
    for task in readiness.tasks:
        loaded.add_metric((task.task,), task.health is Health.OK)
    yield from (well, free, loaded)


def _experiment_metrics(state: ServiceState) -> Iterator[Metric]:
    progress = GaugeMetricFamily("progon_training_progress", "Share done of what runs or waits.",
                                 labels=("task", "experiment_id"))
    for (task, experiment_id), share in state.progress.items():
        progress.add_metric((task, str(experiment_id)), share)
    failed = GaugeMetricFamily("progon_training_failed_timestamp_seconds", "When a training failed last.",
                               labels=("task",))
    for task, moment in state.failed_at.items():
        failed.add_metric((task,), moment.timestamp())
    yield from (progress, failed)
