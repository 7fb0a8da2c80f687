"""Counts of what shadows were asked, in memory."""
from __future__ import annotations

from collections import Counter
from threading import Lock

from application.ports.shadow_meter import ShadowMeter, ShadowOutcome


class InMemoryShadowMeter(ShadowMeter):
    def __init__(self) -> None:
        self._lock = Lock()
        self.rows: Counter[tuple[str, str]] = Counter()

    def count(self, task: str, outcome: ShadowOutcome, rows: int) -> None:
        with self._lock:
            self.rows[task, str(outcome)] += rows
