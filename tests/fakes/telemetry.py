"""Counts in memory."""
from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from threading import Lock

from application.ports.telemetry import Telemetry
from domain.arrays import Floats


class InMemoryTelemetry(Telemetry):
    def __init__(self) -> None:
        self._lock = Lock()
        self.requests: Counter[tuple[str, str, int]] = Counter()
        self.request_s: dict[str, list[float]] = defaultdict(list)
        self.inference_s: dict[str, list[float]] = defaultdict(list)
        self.predictions: Counter[tuple[str, int, str]] = Counter()
        self.scores: dict[str, list[float]] = defaultdict(list)
        self.busy = self.backlog_rows = self.lost_rows = self.torn = 0

    def request_ended(self, route: str, task: str, status: int, duration_s: float) -> None:
        with self._lock:
            self.requests[route, task, status] += 1
            self.request_s[route].append(duration_s)

    def inferred(self, task: str, duration_s: float) -> None:
        with self._lock:
            self.inference_s[task].append(duration_s)

    def predicted(self, task: str, experiment_id: int, counts: Mapping[str, int], scores: Floats) -> None:
        with self._lock:
            for label, count in (counts or {"": len(scores)}).items():
                self.predictions[task, experiment_id, label] += count
            self.scores[task] += scores.tolist()

    def turned_away(self) -> None:
        with self._lock:
            self.busy += 1

    def log_state(self, *, backlog_rows: int | None = None, lost_rows: int = 0, torn: int | None = None) -> None:
        with self._lock:
            self.backlog_rows = self.backlog_rows if backlog_rows is None else backlog_rows
            self.torn = self.torn if torn is None else torn
            self.lost_rows += lost_rows
