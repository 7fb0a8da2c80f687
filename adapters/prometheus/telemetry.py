from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

import numpy as np

from adapters.prometheus.counters import Counters
from application.ports.telemetry import Telemetry
from domain.arrays import Floats

REQUESTS, REQUEST_S, INFERENCE_S = "progon_requests", "progon_request_seconds", "progon_inference_seconds"
PREDICTIONS, SCORE, BUSY = "progon_predictions", "progon_prediction_score", "progon_busy"
BACKLOG, LOST, TORN = ("progon_prediction_log_backlog_rows", "progon_prediction_log_lost_rows",
                       "progon_prediction_log_torn_entries")
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
# Of a regression, whose unit nobody knows.
NUMBERS = (-1e4, -1e3, -100.0, -10.0, -1.0, 0.0, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6)
_NUMBERS_SCORE = f"{SCORE}:numbers"
BUCKETS = {REQUEST_S: SECONDS, INFERENCE_S: SECONDS, SCORE: SHARES, _NUMBERS_SCORE: NUMBERS}


class PrometheusTelemetry(Telemetry):
    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def request_ended(self, route: str, task: str, status: int, duration_s: float) -> None:
        with self._counters.lock:
            self._add((REQUESTS, route, task, str(status)))
            self._observe(REQUEST_S, route, duration_s)

    def inferred(self, task: str, duration_s: float) -> None:
        with self._counters.lock:
            self._observe(INFERENCE_S, task, duration_s)

    def predicted(self, task: str, experiment_id: int, counts: Mapping[str, int], scores: Floats) -> None:
        name, experiment = SCORE if counts else _NUMBERS_SCORE, str(experiment_id)
        with self._counters.lock:
            for label, count in (counts or {"": len(scores)}).items():
                self._add((PREDICTIONS, task, experiment, label), count)
            if len(scores) == 1:
                self._observe(name, task, float(scores[0]))
            else:
                self._observe_all(name, task, scores)

    def turned_away(self) -> None:
        with self._counters.lock:
            self._add((BUSY,))

    def log_state(self, *, backlog_rows: int | None = None, lost_rows: int = 0, torn: int | None = None) -> None:
        with self._counters.lock:
            if backlog_rows is not None:
                self._set((BACKLOG,), backlog_rows)
            if torn is not None:
                self._set((TORN,), torn)
            if lost_rows:
                self._add((LOST,), lost_rows)

    # The place first: the file that it is in may be made by asking.

    def _set(self, key: tuple[str, ...], value: float) -> None:
        place = self._counters.place(key)
        self._counters.values[place] = value

    def _add(self, key: tuple[str, ...], count: float = 1.0) -> None:
        place = self._counters.place(key)
        self._counters.values[place] += count

    def _observe(self, name: str, label: str, value: float) -> None:
        edges = BUCKETS[name]
        place = self._counters.place((name, label), len(edges) + 2)
        values = self._counters.values
        values[place + bisect_left(edges, value)] += 1
        values[place + len(edges) + 1] += value

    def _observe_all(self, name: str, label: str, observed: Floats) -> None:
        edges = BUCKETS[name]
        place = self._counters.place((name, label), len(edges) + 2)
        values = self._counters.values
        counts = np.bincount(np.searchsorted(edges, observed, side="left"), minlength=len(edges) + 1)
        for position in np.flatnonzero(counts).tolist():
            values[place + position] += int(counts[position])
        values[place + len(edges) + 1] += float(observed.sum(dtype=np.float64))
