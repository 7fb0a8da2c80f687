from __future__ import annotations

from adapters.prometheus.counters import Counters
from application.ports.shadow_meter import ShadowMeter, ShadowOutcome

SHADOW_ROWS = "progon_shadow_rows"


class PrometheusShadowMeter(ShadowMeter):
    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def count(self, task: str, outcome: ShadowOutcome, rows: int) -> None:
        with self._counters.lock:
            # The place first: the file that it is in may be made by asking.
            place = self._counters.place((SHADOW_ROWS, task, str(outcome)))
            self._counters.values[place] += rows
