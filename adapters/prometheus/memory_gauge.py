from __future__ import annotations

from collections.abc import Callable

from adapters.prometheus.counters import Counters
from application.ports.memory_gauge import MemoryGauge

IN_MEMORY = "progon_request_memory_bytes"


class PrometheusMemoryGauge(MemoryGauge):
    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def show(self, taken_bytes: Callable[[], int]) -> None:
        with self._counters.lock:
            # The place first: the file that it is in may be made by asking.
            place = self._counters.place((IN_MEMORY,))
            self._counters.values[place] = taken_bytes()
