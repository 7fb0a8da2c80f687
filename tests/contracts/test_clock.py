"""The contract of the port Clock."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from adapters.system.clock import SystemClock
from tests.fakes.clock import FixedClock


@pytest.fixture(params=[FixedClock, SystemClock])
def clock(request):
    return request.param()


def test_now_is_aware_and_in_utc(clock):
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.now().tzinfo is not None


def test_ids_are_uuids_of_version_7(clock):
    identifier = UUID(clock.new_id())
    assert (identifier.version, identifier.variant) == (7, UUID(int=2 << 62).variant)


def test_ids_hold_the_time(clock):
    before = clock.now()
    milliseconds = UUID(clock.new_id()).int >> 80
    assert abs(datetime.fromtimestamp(milliseconds / 1000, UTC) - before) < timedelta(seconds=5)


def test_ids_grow(clock):
    ids = [clock.new_id() for _ in range(1_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_ids_are_unique_over_threads(clock):
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: clock.new_id(), range(2_000)))
    assert len(set(ids)) == 2_000


def test_after_a_sleep_it_is_that_much_later(clock):
    before = clock.now()
    clock.sleep(timedelta(milliseconds=20))
    assert timedelta(milliseconds=20) <= clock.now() - before < timedelta(seconds=5)


def test_the_fixed_clock_moves_when_told():
    clock = FixedClock()
    before, first = clock.now(), clock.new_id()
    clock.advance(timedelta(hours=2))
    assert clock.now() - before == timedelta(hours=2)
    assert clock.new_id() > first
