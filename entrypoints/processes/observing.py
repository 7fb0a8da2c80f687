"""Looks at the models that serve and counts the traffic, beside the processes that answer.

It runs apart from them, so that neither a scrape nor a page waits for it.
"""
from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from time import monotonic

from application.ports.clock import Clock
from application.ports.traffic_log import TrafficLog
from application.ports.traffic_meter import TrafficMeter
from application.use_cases.count_traffic import CountTraffic
from application.use_cases.observe_models import ObserveModels
from domain.traffic import Totals
from entrypoints.processes.repeating import Repeater

_TRAFFIC_S, _LONGEST_PAUSE_S, _FORGET_EVERY_S = 5.0, 60.0, 3600.0
# As far back as the history of a task goes, and a day.
TRAFFIC_KEPT = timedelta(days=31)
_log = logging.getLogger("progon.monitoring")


@contextmanager
def observing(traffic: Traffic, observe: ObserveModels, refresh_s: float) -> Iterator[None]:
    """Drift, live quality and traffic are kept up to date while in the block."""
    with ExitStack() as stack:
        stack.enter_context(Repeater(
            "traffic", traffic.count, _log, pause_s=min(_TRAFFIC_S, refresh_s),
            longest_pause_s=_LONGEST_PAUSE_S, failing="the traffic cannot be written down",
            caught_up="the traffic is written down again", at_end=True))
        stack.enter_context(Repeater(
            "observer", observe.execute, _log, pause_s=refresh_s,
            longest_pause_s=max(refresh_s, _LONGEST_PAUSE_S), failing="the models cannot be looked at",
            caught_up="the models are looked at again"))
        yield


class Traffic:
    def __init__(self, count: CountTraffic, meter: TrafficMeter, log: TrafficLog, clock: Clock) -> None:
        self._count, self._meter, self._log, self._clock = count, meter, log, clock
        self._before: Totals = {}
        self._forgot_at = float("-inf")

    def go_on(self) -> None:
        """Another process of this service counted before, and died. What came since it last wrote is not written down,
        rather than all that it wrote once more."""
        self._before = self._meter.totals()

    def count(self) -> None:
        """Raises: what the log raises."""
        self._before = self._count.execute(self._before)
        if monotonic() - self._forgot_at >= _FORGET_EVERY_S:
            self._forgot_at = monotonic()
            self._log.forget(self._clock.now() - TRAFFIC_KEPT)
