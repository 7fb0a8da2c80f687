"""The contract of the port AnswersBeside."""
from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.sqlmodel.answers_beside import SqlmodelAnswersBeside
from adapters.sqlmodel.late_labels import SqlmodelLateLabels
from adapters.sqlmodel.prediction_store import SqlmodelPredictionStore
from application.ports.prediction_spool import SpooledRows
from application.ports.prediction_store import Wanted
from domain.late_labels import LateLabel
from tests.builders import make_answered
from tests.fakes.answers_beside import InMemoryAnswersBeside
from tests.fakes.clock import START
from tests.fakes.late_labels import InMemoryLateLabels
from tests.fakes.prediction_store import InMemoryPredictionStore


@pytest.fixture
def labels():
    return InMemoryLateLabels()


@pytest.fixture
def store(database_or_none, labels):
    return SqlmodelPredictionStore(database_or_none) if database_or_none else InMemoryPredictionStore(labels)


@pytest.fixture
def beside(database_or_none, store):
    return SqlmodelAnswersBeside(database_or_none) if database_or_none else InMemoryAnswersBeside(store)


@pytest.fixture
def add_labels(database_or_none, store, labels):
    if database_or_none:
        return SqlmodelLateLabels(database_or_none).add
    return lambda task, late: (labels.add(task, late), store.join())


def shadow(n_rows: int = 1, request_id: str = "0190-abc", **changes):
    return make_answered(n_rows, request_id, experiment_id=9, shadow=True, inputs={}, **changes)


def test_how_many_are_wanted(store, beside):
    store.add([SpooledRows("a", make_answered(3)), SpooledRows("b", shadow(2))])
    assert [beside.count(wanted) for wanted in (
        Wanted("flights"), Wanted("flights", 9, shadow=True), Wanted("flights", 9), Wanted("nobody"))] == [3, 2, 0, 0]
    assert beside.count(Wanted("flights", since=START + timedelta(seconds=1))) == 0


def test_a_row_of_a_shadow_stands_beside_what_was_given(store, beside):
    store.add([SpooledRows("a", make_answered(3, "r1")), SpooledRows("b", make_answered(1, "r2")),
               SpooledRows("c", shadow(3, "r1")), SpooledRows("d", shadow(1, "r3")),
               SpooledRows("e", shadow(1, "r2", created_at=START + timedelta(seconds=1))),
               SpooledRows("f", make_answered(1, "r1", task="other"))])
    found = list(beside.pairs(Wanted("flights", 9, shadow=True), 10))
    assert [(mine.request_id, mine.row_no) for mine, _ in found] == [("r2", 1), ("r1", 3), ("r1", 2), ("r1", 1)]
    assert all((mine.request_id, mine.row_no) == (given.request_id, given.row_no) and given.experiment_id == 3
               for mine, given in found)
    # Of the two newest one has nothing beside it.
    assert [mine.request_id for mine, _ in beside.pairs(Wanted("flights", 9, shadow=True), 2)] == ["r2"]
    assert list(beside.pairs(Wanted("flights", 8, shadow=True), 10)) == []


def test_of_a_request_id_that_was_used_again_the_newest_answer_counts(store, beside):
    moments = [START + timedelta(minutes=minute) for minute in range(3)]
    store.add([SpooledRows(name, make_answered(1, "r1", created_at=moments[minute], experiment_id=minute))
               for name, minute in (("b", 1), ("z", 0), ("a", 2))])
    store.add([SpooledRows("c", shadow(1, "r1", created_at=moments[2]))])
    (_, given), = beside.pairs(Wanted("flights", 9, shadow=True), 10)
    assert given.experiment_id == 2


def test_many_pairs(store, beside):
    for kind in (make_answered, shadow):
        store.add([SpooledRows(f"{kind.__name__}-{number}", kind(1, f"r{number}")) for number in range(6_000)])
    assert len(beside.pairs(Wanted("flights", 9, shadow=True), 10_000)) == 6_000


def test_a_late_label_is_put_to_both(store, beside, add_labels):
    store.add([SpooledRows("a", make_answered(2, "r1")), SpooledRows("b", shadow(2, "r1"))])
    add_labels("flights", [LateLabel("r1", "1", 2)])
    (mine, given), = beside.pairs(Wanted("flights", 9, labelled=True, shadow=True), 10)
    assert (mine.row_no, mine.label, given.label) == (2, "1", "1")
