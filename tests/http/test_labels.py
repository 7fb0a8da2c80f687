"""PUT /labels: true labels of answers that were given earlier."""
from __future__ import annotations

import json

import pytest

from domain.kinds.kind import Problem
from domain.late_labels import LateLabel
from tests.builders import LATE, make_task
from tests.http.problems import check_problem, faults

CSV = {"Content-Type": "text/csv"}


@pytest.fixture(autouse=True)
def answers(service) -> None:
    service.labels.answers |= {("flights", "a"), ("flights", "b")}


def put(service, body, headers=None, query="?task=flights"):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return service.client.put(f"/labels{query}", content=content,
                              headers=headers or {"Content-Type": "application/json"})


def told(answer) -> tuple[int, int, int]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert list(body) == ["matched", "unknown", "already"]
    return body["matched"], body["unknown"], body["already"]


@pytest.mark.parametrize(("body", "headers"), [
    ([{"request_id": "a", "label": "1"}, {"request_id": "b", "row_no": 2, "label": 0},
      {"request_id": "c", "label": "1"}], None),
    (b"request_id,row_no,label\na,,1\nb,2,0\nc,1,1\n", CSV), (b"label;row_no;request_id\n1;1;a\n0;2.0;b\n1;1;c\n", CSV),
    (f"request_id,row_no,{LATE}\na,1,1\nb,2,0.0\nc,1,1\n".encode(), CSV)])
def test_labels_reach_their_answers(service, body, headers):
    assert told(put(service, body, headers)) == (2, 1, 0)
    assert [(label.request_id, label.row_no) for label in service.labels.get("flights", ["a", "b", "c"])] == [
        ("a", 1), ("b", 2), ("c", 1)]
    assert told(put(service, body, headers)) == (0, 0, 3)


def test_another_label_replaces_and_one_that_is_missing_is_passed_over(service):
    told(put(service, [{"request_id": "a", "label": "1"}]))
    assert told(put(service, [{"request_id": "a", "label": "0"}, {"request_id": "b", "label": None},
                              {"request_id": None, "label": "1"}])) == (1, 0, 0)
    assert list(service.labels.get("flights", ["a", "b"])) == [LateLabel("a", "0")]


def test_of_two_labels_of_an_answer_the_last_one_counts(service):
    assert told(put(service, b"request_id,label\na,0\na,1\n", CSV)) == (1, 0, 0)
    assert list(service.labels.get("flights", ["a"])) == [LateLabel("a", "1")]


def test_nothing_becomes_training_data(service):
    put(service, [{"request_id": "a", "label": "1"}])
    assert service.store.versions("flights") == []


def test_numbers_of_a_regression(empty):
    empty.serve(make_task(Problem.REGRESSION, "delays"))
    empty.labels.answers |= {("delays", "a")}
    assert told(put(empty, [{"request_id": "a", "label": 12.5}], query="?task=delays")) == (1, 0, 0)
    assert list(empty.labels.get("delays", ["a"])) == [LateLabel("a", "12.5")]


@pytest.mark.parametrize(("body", "headers", "where"), [
    ([{"request_id": "a", "label": "7"}], None, f"row 1, column {LATE}"),
    ([{"request_id": "a", "label": "1"}, {"request_id": "b", "row_no": 0, "label": "1"}], None, "row 2, column row_no"),
    ([{"request_id": "a", "label": "1", "colour": 1}], None, "column colour"),
    ([{"label": "1"}], None, "column request_id"), ([{"request_id": "a"}], None, f"column {LATE}"),
    ([{"request_id": "a", "label": "1"}, 7], None, "row 2"),
    (b"request_id,label\na,1\nb,x\n", CSV, f"row 2, column {LATE}"), (b"id,label\n", CSV, "column request_id"),
    (b"[null]", CSV, "column request_id")])
def test_all_or_nothing(service, body, headers, where):
    assert list(faults(check_problem(put(service, body, headers), 400)))[0] == where
    assert list(service.labels.get("flights", ["a", "b"])) == []


@pytest.mark.parametrize(("body", "status"), [(b"", 400), (b"[]", 400), (b"{}", 400), (b"[", 400)])
def test_what_is_no_list_of_rows(service, body, status):
    check_problem(put(service, body), status)


def test_a_task_that_is_unknown(service):
    check_problem(put(service, [{"request_id": "a", "label": "1"}], query="?task=unknown"), 404)
