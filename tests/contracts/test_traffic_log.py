"""The contract of the port TrafficLog."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from adapters.sqlmodel.traffic_log import SqlmodelTrafficLog
from domain.traffic import TrafficCount, TrafficMinute
from tests.fakes.clock import START
from tests.fakes.traffic_log import InMemoryTrafficLog

MINUTE = START.replace(second=0, microsecond=0)


@pytest.fixture
def log(database_or_none):
    return InMemoryTrafficLog() if database_or_none is None else SqlmodelTrafficLog(database_or_none)


def minute(number: int = 0, task: str = "flights", requests: int = 1, refused: int = 0, failed: int = 0):
    return TrafficMinute(task, MINUTE + timedelta(minutes=number), requests, refused, failed)


def test_every_field_comes_back_in_order(log):
    log.add([minute(1, "рейсы", 5, 3, 1), minute(1, "nuclei", 2), minute(0)])
    assert list(log.since(MINUTE)) == [minute(0), minute(1, "nuclei", 2), minute(1, "рейсы", 5, 3, 1)]


def test_what_comes_later_is_added(log):
    log.add([minute(0, requests=5, refused=2, failed=1)])
    log.add([minute(0, requests=3, refused=1, failed=1), minute(1)])
    log.add([])
    assert list(log.since(MINUTE)) == [minute(0, requests=8, refused=3, failed=2), minute(1)]


def test_since_when_and_of_which_task(log):
    log.add([minute(number, task) for number in range(3) for task in ("flights", "nuclei")])
    assert list(log.since(MINUTE + timedelta(minutes=2))) == [minute(2), minute(2, "nuclei")]
    assert list(log.since(MINUTE + timedelta(minutes=1), "nuclei")) == [minute(1, "nuclei"), minute(2, "nuclei")]
    assert list(log.since(MINUTE, "nobody's")) == []


def test_sums_between_edges(log):
    log.add([minute(0, requests=5, refused=2, failed=1), minute(1, requests=3), minute(2, requests=7, failed=4),
             minute(1, "nuclei", 9)])
    edges = [MINUTE + timedelta(minutes=number) for number in (-3, 0, 2, 3, 4)]
    assert list(log.counts("flights", edges)) == [
        TrafficCount(), TrafficCount(8, 2, 1), TrafficCount(7, 0, 4), TrafficCount()]
    assert list(log.counts("nobody", edges[:2])) == [TrafficCount()]


def test_several_services_add_up(log):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: log.add([minute(0), minute(0, "nuclei", 2)]), range(40)))
    assert list(log.since(MINUTE)) == [minute(0, requests=40), minute(0, "nuclei", 80)]


def test_what_is_old_is_forgotten(log):
    log.add([minute(0), minute(1), minute(1, "nuclei")])
    assert log.forget(MINUTE + timedelta(minutes=1)) == 1
    assert list(log.since(MINUTE)) == [minute(1), minute(1, "nuclei")]
