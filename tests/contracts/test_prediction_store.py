"""The contract of the port PredictionStore."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.sqlmodel.late_labels import SqlmodelLateLabels
from adapters.sqlmodel.prediction_store import SqlmodelPredictionStore
from application.ports.prediction_spool import SpooledRows
from application.ports.prediction_store import Place, UnstorableRows, Wanted
from domain.late_labels import LateLabel
from tests.builders import CARRIER, TEMP, make_answered
from tests.fakes.clock import START
from tests.fakes.late_labels import InMemoryLateLabels
from tests.fakes.prediction_store import InMemoryPredictionStore


@pytest.fixture
def store_and_labels(database_or_none):
    if database_or_none is None:
        labels = InMemoryLateLabels()
        store = InMemoryPredictionStore(labels)
        return store, lambda task, late: (labels.add(task, late), store.join())
    return SqlmodelPredictionStore(database_or_none), SqlmodelLateLabels(database_or_none).add


@pytest.fixture
def store(store_and_labels):
    return store_and_labels[0]


def newest(store, limit: int = 10_000, task: str = "flights", before: Place | None = None, **options):
    return list(store.newest(Wanted(task, **options), limit, before))


def test_every_field_comes_back(store):
    rows = make_answered(
        2, "Ж 'id' %s", row_nos=[2, 5], predictions=["вовремя", "late"], scores=[0.5, 1e-300],
        inputs={CARRIER: ["", "Россия %s ?\n"], TEMP: [None, -1.5]}, labels=["late", "вовремя"],
        probabilities=[[0.5, 0.25, 0.25], [1e-300, 1.0, 0.0]])
    store.add([SpooledRows("w/log-0@0", rows)])
    second, first = newest(store)
    assert (first.request_id, first.row_no, first.created_at) == ("Ж 'id' %s", 2, START)
    assert (first.route, first.task, first.experiment_id, first.latency_s) == (
        rows.route, rows.task, rows.experiment_id, rows.latency_s)
    assert first.place.entry_id == "w/log-0@0"
    assert (first.inputs, second.inputs) == ({CARRIER: "", TEMP: None}, {CARRIER: "Россия %s ?\n", TEMP: -1.5})
    assert [(row.prediction, row.score, row.label) for row in (first, second)] == [
        ("вовремя", 0.5, "late"), ("late", 1e-300, "вовремя")]
    assert [list(row.probabilities) for row in (first, second)] == [[0.5, 0.25, 0.25], [1e-300, 1.0, 0.0]]


def test_numbers_are_predictions_too(store):
    store.add([SpooledRows("a", make_answered(predictions=[-12.5], scores=[-12.5], inputs={}))])
    found, = newest(store)
    assert (found.prediction, found.score, found.label, found.probabilities, found.inputs) == (
        "-12.5", -12.5, None, None, {})


def test_nothing_may_be_added(store):
    store.add([])
    assert newest(store) == []


def test_an_entry_counts_once(store):
    for _ in range(2):
        store.add([SpooledRows("a", make_answered(3)), SpooledRows("b", make_answered(1))])
    assert len(newest(store)) == 4


def test_a_request_id_may_come_again(store):
    store.add([SpooledRows("a", make_answered(1, "same")), SpooledRows("b", make_answered(1, "same"))])
    assert [row.request_id for row in newest(store)] == ["same", "same"]


def test_newest_first_and_those_of_the_experiment_alone(store):
    for number in range(5):
        moment = START + timedelta(seconds=number)
        store.add([SpooledRows(f"{number}", make_answered(1, str(number), created_at=moment))])
    store.add([SpooledRows("x", make_answered(1, experiment_id=4)), SpooledRows("y", make_answered(1, task="other"))])
    assert [row.request_id for row in newest(store, 3)] == ["4", "3", "2"]
    wanted = {"experiment_id": 3, "since": START + timedelta(seconds=2), "until": START + timedelta(seconds=4)}
    assert [row.request_id for row in newest(store, **wanted)] == ["3", "2"]
    assert [row.request_id for row in newest(store, experiment_id=4)] == ["0190-abc"]
    assert newest(store, task="nobody") == []


def test_by_what_is_asked_for(store):
    store.add([SpooledRows("a", make_answered(4, "r1", predictions=["late", "вовремя", "late", "вовремя"],
                                              labels=["late", "late", "вовремя", "вовремя"])),
               SpooledRows("b", make_answered(1, "r2", predictions=["late"]))])

    def found(**options) -> set:
        return {(row.request_id, row.row_no) for row in newest(store, **options)}

    assert found(prediction="late") == {("r1", 1), ("r1", 3), ("r2", 1)}
    assert found(label="вовремя") == {("r1", 3), ("r1", 4)}
    assert found(prediction="late", label="вовремя") == {("r1", 3)}
    assert found(request_id="r2") == {("r2", 1)}
    assert found(labelled=True, prediction="вовремя") == {("r1", 2), ("r1", 4)}
    assert found(request_id="'; DROP TABLE prediction_log; --") == set()


def test_page_by_page(store):
    store.add([SpooledRows(f"e{number:02}", make_answered(3, f"r{number}", created_at=START + timedelta(
        seconds=number // 4))) for number in range(12)])
    everything = newest(store)
    pages, place = [], None
    while page := newest(store, 5, before=place):
        pages += page
        place = page[-1].place
    assert pages == everything and len({row.place for row in pages}) == 36


def test_more_than_one_statement_can_hold(store):
    store.add([SpooledRows(str(number), make_answered(500, str(number))) for number in range(12)])
    assert len(newest(store)) == 6_000


def test_a_row_that_cannot_be_held_is_refused_for_good_and_nothing_beside_it_is_added(store):
    poison = make_answered(1, "poison", scores=[None])
    with pytest.raises(UnstorableRows):
        store.add([SpooledRows("a", make_answered(1)), SpooledRows("b", poison)])
    assert newest(store) == []


def test_a_label_before_its_row_and_one_after_it(store_and_labels):
    store, add_labels = store_and_labels
    add_labels("flights", [LateLabel("before", "1")])
    store.add([SpooledRows("a", make_answered(1, "before")), SpooledRows("b", make_answered(1, "after")),
               SpooledRows("c", make_answered(1, "never"))])
    add_labels("flights", [LateLabel("after", "0")])
    labels = {row.request_id: row.label for row in newest(store)}
    assert labels == {"before": "1", "after": "0", "never": None}
    assert {row.request_id for row in newest(store, labelled=True)} == {"before", "after"}


def test_labels_of_single_rows_of_a_batch(store_and_labels):
    store, add_labels = store_and_labels
    add_labels("flights", [LateLabel("r", "first", 1)])
    store.add([SpooledRows("a", make_answered(3, "r"))])
    add_labels("flights", [LateLabel("r", "third", 3), LateLabel("r", "ninth", 9)])
    add_labels("other", [LateLabel("r", "of another task", 2)])
    assert {row.row_no: row.label for row in newest(store)} == {1: "first", 2: None, 3: "third"}


def test_single_rows_that_share_their_request_with_many_labels(store_and_labels):
    store, add_labels = store_and_labels
    add_labels("flights", [LateLabel("r", f"label {number}", number) for number in range(1, 200)])
    store.add([SpooledRows("a", replace(make_answered(1, "r"), row_nos=[7])), SpooledRows("b", make_answered(1, "s")),
               SpooledRows("c", replace(make_answered(1, "r"), row_nos=[8], task="delays"))])
    assert {(row.task, row.row_no): row.label for row in newest(store)} == {
        ("flights", 7): "label 7", ("flights", 1): None}
    assert [row.label for row in store.newest(Wanted("delays"), 9)] == [None]


def test_a_later_label_replaces(store_and_labels):
    store, add_labels = store_and_labels
    store.add([SpooledRows("a", make_answered(1, "r", labels=["0"]))])
    add_labels("flights", [LateLabel("r", "1")])
    assert [row.label for row in newest(store)] == ["1"]


def test_labels_and_rows_by_threads_do_not_miss_each_other(store_and_labels):
    store, add_labels = store_and_labels

    def work(number: int) -> None:
        if number % 2:
            add_labels("flights", [LateLabel(f"r{number // 2}", "1")])
        else:
            store.add([SpooledRows(f"e{number}", make_answered(1, f"r{number // 2}"))])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(80)))
    found = newest(store)
    assert len(found) == 40 and {row.label for row in found} == {"1"}


def edges(*seconds: int) -> list:
    return [START + timedelta(seconds=number) for number in seconds]


def test_rows_are_counted_between_edges(store):
    for number, rows in enumerate((2, 3, 5)):
        store.add([SpooledRows(f"{number}", make_answered(rows, created_at=START + timedelta(seconds=number)))])
    store.add([SpooledRows("x", make_answered(1, task="other"))])
    assert list(store.counts("flights", edges(-5, 0, 1, 3, 9))) == [0, 2, 8, 0]
    assert list(store.counts("nobody", edges(0, 9))) == [0]


def sampled(store, most: int, task: str = "flights", **options) -> list:
    return list(store.sample(Wanted(task, **options), most))


def test_a_sample_of_few_rows_is_all_of_them_with_every_field(store):
    store.add([SpooledRows("a", make_answered(3, "r", labels=["1", None, "0"], probabilities=[[0.5, 0.5]] * 3)),
               SpooledRows("x", make_answered(1, task="other"))])
    assert sorted(sampled(store, 3), key=lambda row: row.place, reverse=True) == newest(store)
    assert sampled(store, 3, task="nobody") == []


@pytest.mark.parametrize("most", [1, 7, 30, 99])
def test_a_sample_is_spread_evenly_over_what_is_wanted(store, most):
    """Also within a file, whose rows are of one moment."""
    for number in range(60):
        moment = START + timedelta(seconds=number)
        store.add([SpooledRows(f"{number:02}", make_answered(1, created_at=moment)),
                   SpooledRows(f"{number:02}x", make_answered(1, task="other", created_at=moment))])
    store.add([SpooledRows("file", make_answered(60, created_at=START + timedelta(seconds=60)))])
    found = sampled(store, most, since=START, until=START + timedelta(seconds=61))
    assert 120 / (-(-120 // most)) <= len(found) <= most and len({row.place for row in found}) == len(found)
    assert {row.task for row in found} == {"flights"}
    assert abs(sum(row.place.entry_id == "file" for row in found) - len(found) / 2) <= 1
    assert [row.created_at for row in found] == sorted(row.created_at for row in found)


def test_a_sample_of_labelled_rows_of_an_experiment(store):
    store.add([SpooledRows(f"{number}", make_answered(4, created_at=START + timedelta(seconds=number),
                                                      labels=["1", None, "0", None])) for number in range(10)])
    store.add([SpooledRows("of another", make_answered(4, experiment_id=4, labels=["1"] * 4))])
    found = sampled(store, 10, experiment_id=3, labelled=True, since=START, until=START + timedelta(seconds=8))
    assert len(found) == 8 and {row.experiment_id for row in found} == {3}
    assert {row.row_no for row in found} <= {1, 3} and max(row.created_at for row in found) < START + timedelta(
        seconds=8)


def test_what_is_old_is_forgotten(store):
    store.add([SpooledRows("old", make_answered(2, "old")),
               SpooledRows("new", make_answered(1, "new", created_at=START + timedelta(days=2)))])
    assert store.forget(START + timedelta(days=1)) == 2
    assert [row.request_id for row in newest(store)] == ["new"]
    assert store.forget(START + timedelta(days=1)) == 0


def test_rows_of_shadows_are_those_alone_that_are_asked_for(store):
    store.add([SpooledRows("a", make_answered(3)), SpooledRows("b", make_answered(
        2, experiment_id=9, shadow=True, inputs={}))])
    assert [row.experiment_id for row in newest(store)] == [3, 3, 3]
    assert [(row.experiment_id, row.inputs) for row in newest(store, shadow=True)] == [(9, {}), (9, {})]
    hour = timedelta(hours=1)
    assert list(store.counts("flights", [START - hour, START + hour])) == [3]
    assert len(list(store.sample(Wanted("flights"), 100))) == 3
    assert len(list(store.sample(Wanted("flights", shadow=True), 100))) == 2
