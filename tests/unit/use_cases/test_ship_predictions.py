from __future__ import annotations

import pytest

from application.ports.prediction_store import UnstorableRows, Wanted
from application.use_cases.ship_predictions import ROWS_AT_ONCE, ShipPredictions
from domain.errors import Busy
from tests.builders import make_answered
from tests.fakes.prediction_spool import InMemoryPredictionSpool
from tests.fakes.prediction_store import InMemoryPredictionStore
from tests.fakes.telemetry import InMemoryTelemetry


class AwayNowAndThen(InMemoryPredictionStore):
    away = False

    def add(self, entries) -> None:
        if any(entry.rows.request_id == "poison" for entry in entries):
            raise UnstorableRows("no")
        if self.away:
            raise Busy("the database does not answer")
        super().add(entries)


@pytest.fixture
def world():
    spool, store, telemetry = InMemoryPredictionSpool(), AwayNowAndThen(), InMemoryTelemetry()
    return spool, store, telemetry, ShipPredictions(spool, store, telemetry)


def test_what_waits_is_moved(world):
    spool, store, telemetry, ship = world
    for number in range(3):
        spool.put(make_answered(2, str(number)))
    assert (ship.execute(), ship.execute()) == (6, 0)
    assert len(store.newest(Wanted("flights"), 100)) == 6
    assert (spool.backlog_rows(), telemetry.backlog_rows) == (0, 0)


def test_in_portions(world):
    spool, _, telemetry, ship = world
    for number in range(5):
        spool.put(make_answered(ROWS_AT_ONCE // 4, str(number)))
    assert ship.execute() == ROWS_AT_ONCE
    assert telemetry.backlog_rows == ROWS_AT_ONCE // 4
    assert ship.execute() == ROWS_AT_ONCE // 4


def test_an_outage_keeps_all_where_it_is(world):
    spool, store, telemetry, ship = world
    spool.put(make_answered(3))
    store.away = True
    for _ in range(2):
        with pytest.raises(Busy):
            ship.execute()
    assert (spool.backlog_rows(), telemetry.backlog_rows) == (3, 3)
    store.away = False
    assert ship.execute() == 3
    assert len(store.newest(Wanted("flights"), 100)) == 3


def test_what_no_store_can_hold_keeps_nothing_back(world):
    spool, store, telemetry, ship = world
    for name in ("a", "poison", "b", "c", "poison"):
        spool.put(make_answered(2, name))
    assert ship.execute() == 10
    assert {row.request_id for row in store.newest(Wanted("flights"), 100)} == {"a", "b", "c"}
    assert (spool.backlog_rows(), telemetry.lost_rows) == (0, 4)
