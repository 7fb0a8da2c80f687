"""The requests that Prometheus is told of, as numbers."""
from __future__ import annotations

from collections import Counter

from adapters.prometheus.counters import Counters
from adapters.prometheus.telemetry import REQUESTS
from application.ports.traffic_meter import TrafficMeter
from domain.traffic import Totals


class PrometheusTrafficMeter(TrafficMeter):
    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def totals(self) -> Totals:
        totals: Counter[tuple[str, int]] = Counter()
        for series in self._counters.all():
            # Of more series than are kept apart, all labels are "other".
            if series.name == REQUESTS and series.labels[2].isdigit():
                _, task, status = series.labels
                totals[task, int(status)] += int(series.values[0])
        return totals
