"""All metrics as the text that a scrape asks for: the counts of every process, and what the database tells."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from threading import Lock

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily, Metric,
)
from prometheus_client.registry import Collector

from adapters.prometheus import telemetry as names
from adapters.prometheus.counters import Counters
from application.use_cases.observe_models import Observations, ObservedModel

_COUNTERS = {
    names.REQUESTS: ("Requests answered.", ("route", "task", "status")),
    names.PREDICTIONS: ("Rows answered, by predicted label (empty for a number).", ("task", "experiment_id", "label")),
    names.BUSY: ("Requests turned away because every slot was taken.", ()),
    names.LOST: ("Answered rows that the prediction log could not keep.", ()),
    names.TORN: ("Entries of the prediction log torn by a kill before they were answered.", ()),
}
_HISTOGRAMS = {
    names.REQUEST_S: ("Time to answer, in seconds.", ("route",)),
    names.INFERENCE_S: ("Time of one run of a model, in seconds.", ("task",)),
    names.SCORE: ("Probability of the predicted label, or the predicted number.", ("task",)),
}


class Exposition(Collector):
    """registry: of this service alone. observe: the models' state, asked for at most every `observe_s` seconds; while
    it fails what it said last stands, its age beside it. Thread-safe: yes."""

    def __init__(self, registry: CollectorRegistry, counters: Counters, observe: Callable[[], Observations],
                 observe_s: float) -> None:
        self._registry, self._counters, self._observe, self._observe_s = registry, counters, observe, observe_s
        self._observing = Lock()
        self._observed: tuple[float, Observations] | None = None
        self._tried_at = float("-inf")
        registry.register(self)

    def text(self) -> bytes:
        return generate_latest(self._registry)

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from self._counted()
        observed = self._observations()
        if observed is not None:
            at, observations = observed
            yield from _model_metrics(observations.models)
            yield from _experiment_metrics(observations)
            yield GaugeMetricFamily("progon_observation_age_seconds", "Since the models were looked at.",
                                    time.monotonic() - at)

    def _counted(self) -> Iterator[Metric]:
        totals: dict[tuple[str, tuple[str, ...]], tuple[float, ...]] = {}
        for series in self._counters.all():
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

    def _observations(self) -> tuple[float, Observations] | None:
        with self._observing:
            now = time.monotonic()
            if now - self._tried_at >= self._observe_s:
                self._tried_at = now
                try:
                    self._observed = (now, self._observe())
                except Exception:  # the counts are shown all the same; the age tells
                    pass
            return self._observed


def _of(name: str, totals: dict) -> list[tuple[tuple[str, ...], tuple[float, ...]]]:
    return sorted((labels, values) for (found, labels), values in totals.items() if found == name)


def _histogram(name: str, text: str, labels: tuple[str, ...], totals: dict) -> HistogramMetricFamily:
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


def _model_metrics(models: Iterable[ObservedModel]) -> Iterator[Metric]:
    info = InfoMetricFamily("progon_model", "What serves.", labels=("task", "experiment_id"))
    deployed = GaugeMetricFamily("progon_model_deployed_timestamp_seconds", "When what serves was deployed.",
                                 labels=("task", "experiment_id"))
    psi, missing, unseen = (GaugeMetricFamily(f"progon_feature_{name}", text, labels=("task", "feature"))
                            for name, text in (
        ("drift", "Population stability index against the training data."),
        ("missing", "Share of rows without a value."),
        ("unseen", "Share of rows with a value that training had not.")))
    live, promised = (GaugeMetricFamily(f"progon_{name}_quality", text, labels=("task", "metric")) for name, text in (
        ("live", "Metrics over the answers whose label is known."),
        ("promised", "The same metrics on the rows held out in training.")))
    for model in models:
        info.add_metric((model.task, str(model.experiment_id)), {"commit_hash": model.commit_hash})
        if model.deployed_at is not None:
            deployed.add_metric((model.task, str(model.experiment_id)), model.deployed_at.timestamp())
        for feature, drift in model.drift.items():
            psi.add_metric((model.task, feature), drift.psi)
            missing.add_metric((model.task, feature), drift.missing)
            if drift.unseen is not None:
                unseen.add_metric((model.task, feature), drift.unseen)
        for family, metrics in ((live, model.quality), (promised, model.promised)):
            for metric, value in metrics.items():
                family.add_metric((model.task, metric), value)
    yield from (info, deployed, psi, missing, unseen, live, promised)


def _experiment_metrics(observations: Observations) -> Iterator[Metric]:
    progress = GaugeMetricFamily("progon_training_progress", "Share done of what runs or waits.",
                                 labels=("task", "experiment_id"))
    for (task, experiment_id), share in observations.progress.items():
        progress.add_metric((task, str(experiment_id)), share)
    failed = GaugeMetricFamily("progon_training_failed_timestamp_seconds", "When a training failed last.",
                               labels=("task",))
    for task, moment in observations.failed_at.items():
        failed.add_metric((task,), moment.timestamp())
    yield from (progress, failed)
