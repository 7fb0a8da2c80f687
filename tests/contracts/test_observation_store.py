"""The contract of the port ObservationStore."""
from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.sqlmodel.observation_store import SqlmodelObservationStore
from domain.drift import Drift, Histogram
from domain.observation import ObservedModel
from tests.fakes.clock import START
from tests.fakes.observation_store import InMemoryObservationStore

OBSERVED = ObservedModel(
    "flights", 5, START, 1_500, 20,
    {"temp, °F": Drift(0.25, 0.125, 0.5, Histogram((0.5, 0.25, 0.25), (1.5,), -1.0, 3.0), (0.25, 0.625, 0.125)),
     "слово": Drift(1.5, 0.0, None, Histogram((0.5, 0.5, 0.0), categories=("да", "'; --")), (0.0, 1.0, 0.0)),
     "empty": Drift(0.0, 1.0, None, Histogram((0.0, 1.0)), (0.0, 1.0))},
    {"auc": 0.75, "r2": -1e300})


@pytest.fixture
def store(database_or_none):
    return InMemoryObservationStore() if database_or_none is None else SqlmodelObservationStore(database_or_none)


def test_nothing_was_seen_yet(store):
    assert list(store.all()) == []


def test_every_field_comes_back(store):
    store.put(OBSERVED)
    assert list(store.all()) == [OBSERVED]


def test_a_metric_may_be_undefined(store):
    store.put(replace(OBSERVED, quality={"auc": math.nan}))
    assert math.isnan(store.all()[0].quality["auc"])


def test_one_of_each_task_by_name(store):
    for task in ("nuclei", "flights", "prices"):
        store.put(ObservedModel(task, 1, START))
    assert [observed.task for observed in store.all()] == ["flights", "nuclei", "prices"]


def test_the_newest_stands_whoever_comes_last(store):
    later = ObservedModel("flights", 6, START + timedelta(seconds=1))
    for observed in (OBSERVED, later, OBSERVED):
        store.put(observed)
    assert list(store.all()) == [later]
    again = replace(later, n_rows=7)
    store.put(again)
    assert list(store.all()) == [again]


def test_a_clock_that_was_ahead_does_not_stop_the_watch(store):
    store.put(replace(OBSERVED, at=START + timedelta(days=1)))
    store.put(OBSERVED)
    assert list(store.all()) == [OBSERVED]
