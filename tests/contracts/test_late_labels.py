"""The contract of the port LateLabels."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.sqlmodel.late_labels import SqlmodelLateLabels
from adapters.sqlmodel.prediction_store import SqlmodelPredictionStore
from application.ports.prediction_spool import SpooledRows
from domain.late_labels import LateLabel
from tests.builders import make_answered
from tests.fakes.late_labels import InMemoryLateLabels


@pytest.fixture
def labels(database_or_none):
    return SqlmodelLateLabels(database_or_none) if database_or_none else InMemoryLateLabels()


def test_every_field_comes_back(labels):
    late = LateLabel("0190-Ж\U0001f680 'quoted' \"twice\"", 'опоздал, "сильно"\n')
    labels.add("flights", [late])
    assert list(labels.get("flights", [late.request_id])) == [late]


def test_only_those_that_have_one_and_in_the_order_asked(labels):
    labels.add("flights", [LateLabel("a", "1"), LateLabel("b", "0"), LateLabel("c", "1")])
    assert list(labels.get("flights", ["c", "none", "a"])) == [LateLabel("c", "1"), LateLabel("a", "1")]
    assert list(labels.get("flights", [])) == []


def test_each_task_has_its_own(labels):
    labels.add("flights", [LateLabel("a", "1")])
    labels.add("other", [LateLabel("a", "0")])
    assert list(labels.get("flights", ["a"])) == [LateLabel("a", "1")]
    assert list(labels.get("nobody", ["a"])) == []


def test_adding_again_changes_nothing_and_another_label_replaces(labels):
    labels.add("flights", [LateLabel("a", "1"), LateLabel("b", "1")])
    labels.add("flights", [LateLabel("a", "1"), LateLabel("b", "1")])
    assert list(labels.get("flights", ["a", "b"])) == [LateLabel("a", "1"), LateLabel("b", "1")]
    labels.add("flights", [LateLabel("a", "0")])
    assert list(labels.get("flights", ["a", "b"])) == [LateLabel("a", "0"), LateLabel("b", "1")]


def test_of_two_labels_of_a_request_the_last_one_counts(labels):
    labels.add("flights", [LateLabel("a", "0"), LateLabel("b", "1"), LateLabel("a", "1")])
    assert list(labels.get("flights", ["a", "b"])) == [LateLabel("a", "1"), LateLabel("b", "1")]


def test_which_requests_were_answered(labels, database_or_none):
    if database_or_none:
        SqlmodelPredictionStore(database_or_none).add([SpooledRows("entry", make_answered(2, "a"))])
    else:
        labels.answers.add(("flights", "a"))
    asked = ["a", "b", *(f"request {number}" for number in range(6_000))]
    assert set(labels.answered("flights", asked)) == {"a"}
    assert set(labels.answered("other", ["a"])) == set(labels.answered("flights", [])) == set()


def test_nothing_may_be_added(labels):
    labels.add("flights", [])
    assert list(labels.get("flights", ["a"])) == []


def test_more_than_one_statement_can_hold(labels):
    many = [LateLabel(f"request {number}", str(number % 2)) for number in range(12_001)]
    labels.add("flights", many)
    assert list(labels.get("flights", [label.request_id for label in many])) == many


def test_any_request_may_be_asked_for(labels):
    labels.add("flights", [LateLabel("a", "1")])
    for name in ("", "\0", "\ud800", "'", "x" * 100_000):
        assert list(labels.get("flights", [name])) == []


def test_writers_of_the_same_requests_do_not_stop_each_other(labels):
    names = [f"request {number}" for number in range(2_000)]

    def write(number: int) -> None:
        order = names if number % 2 else names[::-1]
        labels.add("flights", [LateLabel(name, str(number)) for name in order])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(18)))
    found = labels.get("flights", names)
    assert len(found) == 2_000
    assert len({label.label for label in found}) == 1, "all or nothing: one writer was the last one"
