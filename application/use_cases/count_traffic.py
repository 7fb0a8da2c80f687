"""From counts since the start to counts by minute."""
from __future__ import annotations

from application.ports.clock import Clock
from application.ports.traffic_log import TrafficLog
from application.ports.traffic_meter import TrafficMeter
from domain.traffic import Totals, between


class CountTraffic:
    """Writes down the requests that came since the last time, for the minute that it is now. Where that fails they are
    written down the next time."""

    def __init__(self, meter: TrafficMeter, traffic: TrafficLog, clock: Clock) -> None:
        self._meter, self._traffic, self._clock = meter, traffic, clock

    def execute(self, before: Totals) -> Totals:
        """before: what it returned the last time, nothing at the start of the service. Raises: what the log raises."""
        after = self._meter.totals()
        self._traffic.add(between(before, after, self._clock.now()))
        return after
