"""Work that lets others in."""
from __future__ import annotations

from types import SimpleNamespace

import pytest

from application.serving.wanted import NobodyWaits, go_on, gone
from entrypoints.processes import pace, shipping
from tests.builders import make_answered
from tests.unit.test_shipping import World


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass while it works or rests, and how often it rested."""
    found = SimpleNamespace(now=0.0, rests=0)

    def sleep(seconds: float) -> None:
        found.now += seconds
        found.rests += 1
    monkeypatch.setattr(pace.time, "sleep", sleep)
    monkeypatch.setattr(pace.time, "perf_counter", lambda: found.now)
    return found


@pytest.fixture
def asked():
    """Work is asked whether it is wanted: it is."""
    over = SimpleNamespace(is_over=False)
    before = gone.set(lambda: over.is_over)
    yield over
    gone.reset(before)


def test_it_rests_as_long_as_it_works_and_not_between_the_shortest_pieces(clock, asked):
    with pace.resting():
        for _ in range(1_000):
            clock.now += 0.00005
            go_on()
    assert clock.rests == pytest.approx(200, abs=50) and clock.now == pytest.approx(0.1, rel=0.2)


def test_outside_of_it_there_are_no_rests(clock, asked):
    with pace.resting():
        pass
    clock.now += 1
    go_on()
    assert not clock.rests


def test_it_still_ends_when_nobody_waits(clock, asked):
    with pace.resting():
        asked.is_over = True
        with pytest.raises(NobodyWaits):
            go_on()


def test_what_cannot_be_told_to_end_does_not_rest(clock):
    with pace.resting():
        clock.now += 1
        go_on()
    assert not clock.rests


def test_after_a_piece_that_cannot_be_cut_it_rests_once(clock, asked):
    with pace.resting():
        for _ in range(10):
            clock.now += 0.005
            go_on()
    assert clock.rests == 10


@pytest.mark.parametrize(("portions", "rests"), [(2, True), (4, False)])
def test_what_is_far_behind_is_shipped_without_rests(clock, asked, monkeypatch, portions, rests):
    monkeypatch.setattr(shipping, "FAR_BEHIND_ROWS", 3 * shipping.ROWS_AT_ONCE)
    world = World()
    for start in range(portions):
        world.spool.put(make_answered(shipping.ROWS_AT_ONCE, str(start)))
    add = world.store.add
    monkeypatch.setattr(world.store, "add", lambda entries: (setattr(clock, "now", clock.now + 1), add(entries)))
    world.shipper().ship()
    assert bool(clock.rests) is rests
