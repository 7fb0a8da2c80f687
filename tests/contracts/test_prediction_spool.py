"""The contract of the port PredictionSpool."""
from __future__ import annotations

from random import Random

import pytest

from adapters.spool.prediction_log import SpoolPredictionLog
from adapters.spool.prediction_spool import SpoolPredictionSpool
from application.ports.prediction_store import Wanted
from application.serving.wanted import NobodyWaits, gone
from application.use_cases import ship_predictions
from application.use_cases.ship_predictions import ShipPredictions
from tests.builders import make_answered
from tests.fakes.prediction_spool import InMemoryPredictionSpool
from tests.fakes.prediction_store import InMemoryPredictionStore
from tests.fakes.telemetry import InMemoryTelemetry


@pytest.fixture(params=["fake", "spool"])
def spool_and_put(request, tmp_path):
    if request.param == "fake":
        spool = InMemoryPredictionSpool()
        return spool, spool.put
    return SpoolPredictionSpool(tmp_path), SpoolPredictionLog(tmp_path, InMemoryTelemetry()).append


def test_nothing_waits_at_first(spool_and_put):
    spool, _ = spool_and_put
    assert (list(spool.pending(10)), spool.backlog_rows(), spool.torn()) == ([], 0, 0)
    spool.shipped()


def test_what_waits_is_given_until_it_is_shipped(spool_and_put):
    spool, put = spool_and_put
    rows = [make_answered(2, str(number)) for number in range(3)]
    for item in rows:
        put(item)
    assert spool.backlog_rows() == 6
    first = spool.pending(100)
    assert [entry.rows for entry in first] == rows
    assert list(spool.pending(100)) == list(first)
    spool.shipped()
    assert (list(spool.pending(100)), spool.backlog_rows()) == ([], 0)


def test_what_is_of_a_shadow_stays_so(spool_and_put):
    spool, put = spool_and_put
    rows = [make_answered(1), make_answered(2, shadow=True, inputs={})]
    for item in rows:
        put(item)
    assert [entry.rows for entry in spool.pending(10)] == rows


def test_about_as_many_rows_as_asked_for(spool_and_put):
    spool, put = spool_and_put
    for number in range(5):
        put(make_answered(4, str(number)))
    assert [entry.rows.request_id for entry in spool.pending(1)] == ["0"]
    assert [entry.rows.request_id for entry in spool.pending(5)] == ["0", "1"]
    spool.shipped()
    assert spool.backlog_rows() == 12
    assert [entry.rows.request_id for entry in spool.pending(8)] == ["2", "3"]


def test_what_was_given_before_but_not_last_is_not_shipped(spool_and_put):
    spool, put = spool_and_put
    for number in range(4):
        put(make_answered(1, str(number)))
    assert len(spool.pending(4)) == 4
    assert len(spool.pending(1)) == 1
    spool.shipped()
    assert [entry.rows.request_id for entry in spool.pending(4)] == ["1", "2", "3"]


def test_what_comes_while_some_are_shipped_waits(spool_and_put):
    spool, put = spool_and_put
    put(make_answered(1, "a"))
    spool.pending(10)
    put(make_answered(1, "b"))
    spool.shipped()
    assert spool.backlog_rows() == 1
    assert [entry.rows.request_id for entry in spool.pending(10)] == ["b"]


def test_what_was_not_shipped_is_given_again_after_a_close(spool_and_put):
    spool, put = spool_and_put
    for number in range(3):
        put(make_answered(1, str(number)))
    spool.pending(1)
    spool.shipped()
    given = spool.pending(10)
    for _ in range(2):
        spool.close()
    assert spool.pending(10) == given
    assert [entry.rows.request_id for entry in given] == ["1", "2"]


def test_no_two_entries_have_an_id(spool_and_put):
    spool, put = spool_and_put
    seen = []
    for _ in range(3):
        for _ in range(5):
            put(make_answered(1, "the same"))
        seen += [entry.entry_id for entry in spool.pending(100)]
        spool.shipped()
    assert len(set(seen)) == 15


@pytest.mark.parametrize("seed", range(6))
def test_what_is_stopped_anywhere_is_there_once_in_the_end(tmp_path, seed, monkeypatch):
    monkeypatch.setattr(ship_predictions, "ROWS_AT_ONCE", 7)
    random, telemetry = Random(seed), InMemoryTelemetry()
    logs = [SpoolPredictionLog(tmp_path, telemetry, max_segment_bytes=700) for _ in range(2)]
    given = list[tuple[str, int]]()
    for number in range(25):
        log, rows = logs[number % 2], make_answered(random.randint(1, 4), f"r{number}")
        given += [(rows.request_id, row_no) for row_no in rows.row_nos]
        if random.random() < 0.3:
            with log.batch() as add:
                add(rows)
        else:
            log.append(rows)
    spool, store = SpoolPredictionSpool(tmp_path), InMemoryPredictionStore()
    ship = ShipPredictions(spool, store, telemetry)
    logs[0].close()
    before, stops = gone.set(lambda: random.random() < 0.04), 0
    for _ in range(200):
        try:
            ship.execute()
        except NobodyWaits:
            stops += 1
    gone.reset(before)
    logs[1].close()
    while ship.execute():
        pass
    found = store.newest(Wanted(make_answered().task), 1_000)
    assert stops and sorted((row.request_id, row.place.row_no) for row in found) == sorted(given)
    assert (spool.backlog_rows(), spool.torn(), list(tmp_path.glob("*/*.ndjson"))) == (0, 0, [])
