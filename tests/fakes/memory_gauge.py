"""What is in memory, in memory."""
from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from application.ports.memory_gauge import MemoryGauge


class InMemoryMemoryGauge(MemoryGauge):
    def __init__(self) -> None:
        self._lock = Lock()
        self.shown = 0

    def show(self, taken_bytes: Callable[[], int]) -> None:
        with self._lock:
            self.shown = taken_bytes()
