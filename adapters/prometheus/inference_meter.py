"""The answers that Prometheus is told of, as numbers."""
from __future__ import annotations

from collections.abc import Callable, Iterable

from adapters.prometheus.counters import Counters, Series
from adapters.prometheus.telemetry import INFERENCE_S, PREDICTIONS, REQUESTS
from application.ports.inference_meter import InferenceMeter, Inferences


class PrometheusInferenceMeter(InferenceMeter):
    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def of(self, task: str, experiment_id: int) -> Inferences:
        series = list(self._counters.all())
        rows = _total(series, lambda found: (found.name, *found.labels[:2]) == (PREDICTIONS, task, str(experiment_id)))
        runs = [found.values for found in series if found.name == INFERENCE_S and found.labels == (task,)]
        asked = [found for found in series if found.name == REQUESTS and found.labels[1] == task]
        answered = _total(asked, lambda found: found.labels[2] < "400")
        failed = _total(asked, lambda _: True) - answered
        return Inferences(rows, int(sum(sum(buckets) for *buckets, _ in runs)), sum(total for *_, total in runs),
                          answered, failed)


def _total(series: Iterable[Series], wanted: Callable[[Series], bool]) -> int:
    return int(sum(found.values[0] for found in series if wanted(found)))
