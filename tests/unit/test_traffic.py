"""Counts since the start as counts by minute."""
from __future__ import annotations

from datetime import UTC, datetime

import pytest

from application.use_cases.count_traffic import CountTraffic
from domain.errors import Busy
from domain.traffic import TrafficMinute, between
from entrypoints.processes.observing import Traffic
from tests.fakes.clock import START, FixedClock
from tests.fakes.traffic_log import InMemoryTrafficLog
from tests.fakes.traffic_meter import InMemoryTrafficMeter

NOW = datetime(2026, 1, 2, 3, 4, 59, 999, UTC)
MINUTE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def test_by_task_and_how_it_ended():
    after = {("flights", 200): 10, ("flights", 400): 3, ("flights", 413): 1, ("flights", 503): 2, ("nuclei", 200): 1,
             ("", 200): 99}
    assert between({}, after, NOW) == [
        TrafficMinute("flights", MINUTE, 16, 4, 2), TrafficMinute("nuclei", MINUTE, 1)]


def test_only_what_came_since():
    before = {("flights", 200): 10, ("nuclei", 200): 5}
    assert between(before, {("flights", 200): 12, ("nuclei", 200): 5}, NOW) == [TrafficMinute("flights", MINUTE, 2)]
    assert between(before, before, NOW) == []


def test_counts_that_were_cleared_take_nothing_away():
    assert between({("flights", 200): 10}, {("flights", 200): 4}, NOW) == []


class Away(InMemoryTrafficLog):
    away = True

    def add(self, minutes) -> None:
        if self.away:
            raise Busy("the database does not answer")
        super().add(minutes)


def test_what_could_not_be_written_down_is_the_next_time():
    meter, log = InMemoryTrafficMeter(), Away()
    count = CountTraffic(meter, log, FixedClock())
    meter.requests["flights", 200] += 1
    with pytest.raises(Busy):
        count.execute({})
    log.away = False
    meter.requests["flights", 400] += 1
    after = count.execute({})
    assert count.execute(after) == after
    found, = log.since(START.replace(second=0, microsecond=0))
    assert (found.task, found.requests, found.refused, found.failed) == ("flights", 2, 1, 0)


def test_one_that_goes_on_for_another_counts_what_comes_from_now_on():
    meter, log = InMemoryTrafficMeter(), InMemoryTrafficLog()
    meter.requests["flights", 200] += 10
    traffic = Traffic(CountTraffic(meter, log, FixedClock()), meter, log, FixedClock())
    traffic.go_on()
    meter.requests["flights", 200] += 2
    traffic.count()
    found, = log.since(START.replace(second=0, microsecond=0))
    assert found.requests == 2
