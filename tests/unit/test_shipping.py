"""The thread that brings the prediction log to the database."""
from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.spool.prediction_log import SpoolPredictionLog
from adapters.spool.prediction_spool import SpoolPredictionSpool
from application.ports.prediction_spool import PredictionSpool
from application.ports.prediction_store import Wanted
from application.use_cases.ship_predictions import ShipPredictions
from domain.errors import Busy
from entrypoints.processes import shipping
from tests.builders import make_answered
from tests.fakes.clock import START, FixedClock
from tests.fakes.prediction_spool import InMemoryPredictionSpool
from tests.fakes.prediction_store import InMemoryPredictionStore
from tests.fakes.telemetry import InMemoryTelemetry
from tests.waiting import until


class Away(InMemoryPredictionStore):
    tries = 0
    until_try = 0

    def add(self, entries) -> None:
        self.tries += 1
        if self.tries <= self.until_try:
            raise Busy("the database does not answer")
        super().add(entries)


class World:
    def __init__(self, kept_days: float = 90.0) -> None:
        self.spool, self.store, self.clock = InMemoryPredictionSpool(), Away(), FixedClock()
        self._kept_days = kept_days

    def shipper(self, spool: PredictionSpool | None = None) -> shipping.Shipper:
        spool = spool or self.spool
        ship = ShipPredictions(spool, self.store, InMemoryTelemetry())
        return shipping.Shipper(spool, ship, self.store, self.clock, self._kept_days)

    @property
    def stored(self) -> int:
        return len(self.store.newest(Wanted("flights"), 10_000))


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    monkeypatch.setattr(shipping, "_PAUSE_S", 0.005)


def test_rows_come_through_an_outage_which_is_told_once(caplog):
    world = World()
    world.store.until_try = 4
    with shipping.shipping(world.shipper()):
        for number in range(5):
            world.spool.put(make_answered(2, str(number)))
        until(lambda: world.stored == 10)
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert errors == ["the prediction log waits in the spool: the database does not answer"]


def test_what_came_last_is_brought_before_the_end(monkeypatch):
    monkeypatch.setattr(shipping, "_PAUSE_S", 60.0)
    world = World()
    with shipping.shipping(world.shipper()):
        world.spool.put(make_answered(3))
    assert world.stored == 3


def test_a_stop_does_not_wait_until_millions_of_rows_have_moved(monkeypatch):
    monkeypatch.setattr(shipping, "_PAUSE_S", 60.0)
    monkeypatch.setattr(shipping, "_PASS_S", 0.0)
    world = World()
    for number in range(3):
        world.spool.put(make_answered(shipping.ROWS_AT_ONCE, str(number)))
    with shipping.shipping(world.shipper()):
        pass
    assert (world.stored, world.spool.backlog_rows()) == (shipping.ROWS_AT_ONCE, 2 * shipping.ROWS_AT_ONCE)
    monkeypatch.setattr(shipping, "_PASS_S", 10.0)
    with shipping.shipping(world.shipper()):
        pass
    assert (world.stored, world.spool.backlog_rows()) == (3 * shipping.ROWS_AT_ONCE, 0)


@pytest.mark.parametrize(("days", "kept"), [(90.0, 1), (0.0, 2)])
def test_what_is_old_is_forgotten_if_so_set(days, kept):
    world = World(days)
    world.spool.put(make_answered(1, "old", created_at=START - timedelta(days=91)))
    world.spool.put(make_answered(1, "new"))
    with shipping.shipping(world.shipper()):
        until(lambda: world.spool.backlog_rows() == 0)
    assert world.stored == kept


def test_another_process_may_take_what_waits_after_the_end(tmp_path):
    one, other, log = SpoolPredictionSpool(tmp_path), SpoolPredictionSpool(tmp_path), SpoolPredictionLog(
        tmp_path, InMemoryTelemetry())
    world = World()
    with shipping.shipping(world.shipper(one)):
        log.append(make_answered(1, "a"))
        until(lambda: world.stored == 1)
        log.append(make_answered(1, "b"))
        assert other.pending(10) == []
    log.append(make_answered(1, "c"))
    assert [entry.rows.request_id for entry in other.pending(10)][-1:] == ["c"]
