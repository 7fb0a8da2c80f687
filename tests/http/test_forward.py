"""POST /forward with one row as JSON."""
from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from application.ports.model_runner import ModelCrashed
from domain.errors import Busy
from domain.kinds.kind import Problem
from tests.builders import CARRIER, DAY, DISTANCE, ENGINE, LATE, ROW, ROW_ID, TEMP, make_task
from tests.http.problems import check_problem, faults

JSON = {"Content-Type": "application/json"}


def send(service, body, headers=JSON, query=""):
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return service.client.post(f"/forward{query}", content=content, headers=headers)


def changed(**values) -> dict:
    names = {"carrier": CARRIER, "temp": TEMP, "engine": ENGINE, "distance": DISTANCE}
    return ROW | {names.get(name, name): value for name, value in values.items()}


def check_still_serves(service) -> None:
    assert send(service, ROW).status_code == 200


def test_one_row_is_answered(service):
    answer = send(service, ROW)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert list(body) == ["request_id", "task", "experiment_id", "prediction", "probabilities"]
    assert (body["task"], body["experiment_id"], body["prediction"]) == ("flights", service.served["flights"].id, 1)
    assert body["request_id"] == answer.headers["x-request-id"]
    assert set(body["probabilities"]) == {"0", "1"}
    assert sum(body["probabilities"].values()) == pytest.approx(1)
    score = 0.5 + 0.01 * (39.5 + 1400)
    assert body["probabilities"]["1"] == pytest.approx(1 / (1 + np.exp(-score)), abs=1e-6)


def test_text_labels_are_not_escaped(empty):
    empty.serve(make_task(Problem.MULTICLASS))
    answer = send(empty, changed(temp=-100.0, distance=0))
    assert answer.json()["prediction"] == "вовремя"
    assert set(answer.json()["probabilities"]) == {"вовремя", "late", 'cancelled, "sick"'}
    assert "вовремя" in answer.content.decode()


def test_a_regression_has_no_probabilities(empty):
    empty.serve(make_task(Problem.REGRESSION))
    body = send(empty, ROW).json()
    assert body["probabilities"] is None
    assert body["prediction"] == pytest.approx(0.5 + 0.01 * (39.5 + 1400), rel=1e-6)


@pytest.mark.parametrize("row", [
    dict(reversed(ROW.items())), ROW | {LATE: "1"}, ROW | {DAY: "2013-01-01", ROW_ID: {"any": ["thing"]}, LATE: None},
    ROW | {"request_id": "x"}, changed(temp=None), changed(engine="?"), changed(engine=" "), changed(carrier=" UA "),
    changed(temp=-0.0), changed(temp=3.4e38), changed(temp=10**20), changed(carrier="\U0001f6eb\n\"'\\"),
], ids=str)
def test_what_may_be_in_a_row(service, row):
    assert send(service, row).status_code == 200


@pytest.mark.parametrize("headers", [
    {}, {"Content-Type": "application/json; charset=utf-8"}, {"Content-Type": "APPLICATION/JSON"},
    {"Content-Type": "application/ld+json"},
], ids=str)
def test_ways_to_say_that_it_is_json(service, headers):
    assert send(service, ROW, headers).status_code == 200


@pytest.mark.parametrize(("row", "where", "problem"), [
    ({name: value for name, value in ROW.items() if name != TEMP}, TEMP, "is missing"),
    (ROW | {"погода": 1}, "погода", "is unknown"),
    (changed(temp="39"), TEMP, 'expected a number, got "39"'),
    (changed(temp=True), TEMP, "expected a number, got true"),
    (changed(temp={"a": 1}), TEMP, "expected a number, got an object"),
    (changed(temp=[1]), TEMP, "expected a number, got an array"),
    (changed(temp=1e39), TEMP, "does not fit a 32-bit float"),
    (changed(temp=10**400), TEMP, "does not fit a 32-bit float"),
    (changed(temp=-(10**400)), TEMP, "does not fit a 32-bit float"),
    (changed(temp=float("nan")), TEMP, "NaN is not a JSON number; send null for a missing value"),
    (changed(temp=float("inf")), TEMP, "expected a finite number, got Infinity"),
    (changed(temp=float("-inf")), TEMP, "expected a finite number, got Infinity"),
    (changed(distance=None), DISTANCE, "a value is required"),
    (changed(carrier=None), CARRIER, "a value is required"),
    (changed(carrier="  "), CARRIER, "a value is required"),
    (changed(carrier=7), CARRIER, "expected a string, got the number 7"),
    (changed(carrier=False), CARRIER, "expected a string, got false"),
    (changed(engine={"a": {"b": []}}), ENGINE, "expected a string, got an object"),
    (changed(engine="a\0b"), ENGINE, "contains the character NUL"),
    (changed(engine="x" * 10_001), ENGINE, "is longer than 10000 characters"),
], ids=str)
def test_what_may_not_be_in_a_row_is_named(service, row, where, problem):
    body = check_problem(send(service, row), 400)
    assert faults(body) == {f"column {where}": problem}
    assert body["detail"] == f"column {where}: {problem}"
    check_still_serves(service)


def test_every_faulty_column_is_named(service):
    body = check_problem(send(service, {CARRIER: 1, TEMP: "x", ENGINE: [], "other": 1}), 400)
    assert set(faults(body)) == {f"column {name}" for name in (CARRIER, TEMP, ENGINE, DISTANCE, "other")}


@pytest.mark.parametrize(("text", "where"), [
    (b'{"temp": "\\ud800"}', "column temp"), (b'{"\\ud800": 1}', "column \\ud800"), (b'{"\\udfff\\ud800": "x"}', None),
])
def test_half_of_a_surrogate_pair_is_said_in_words_that_can_be_written(service, text, where):
    body = check_problem(send(service, text.replace(b"temp", TEMP.encode())), 400)
    assert where is None or where.replace("temp", TEMP) in faults(body)
    check_still_serves(service)


def test_half_of_a_surrogate_pair_in_a_category(service):
    body = check_problem(send(service, json.dumps(changed(engine="\ud83d")).encode()), 400)
    assert faults(body) == {f"column {ENGINE}": "contains half of a surrogate pair"}


@pytest.mark.parametrize(("text", "column"), [("1e400", TEMP), ("-1e400", TEMP), ("NaN", TEMP), ("Infinity", TEMP)])
def test_numbers_that_json_does_not_have_are_named_by_their_column(service, text, column):
    body = check_problem(send(service, json.dumps(ROW).replace("39.5", text).encode()), 400)
    assert list(faults(body)) == [f"column {column}"]
    check_still_serves(service)


@pytest.mark.parametrize(("content", "words"), [
    (b"", "empty"), (b" \n\t", "empty"), (b"{", "not JSON"), (b'{"temp": ', "not JSON"), (b'{"a": 1} x', "not JSON"),
    (b"{'a': 1}", "not JSON"), (b"[]", "an array"),
    (b"[1]", "row 1: expected a JSON object"), (b"[{}]", "is missing"), (b"null", "null"), (b'"x"', '"x"'),
    (b"1", "the number 1"), (b"true", "true"), (b'{"a": "\xff"}', "not UTF-8"), (b"\xff\xff", "not UTF-8"),
    (b"\0\0\0\0", "not"), (b'{"a": tru}', "not JSON"), (b"[" * 10_000_000, "nested too deeply"),
    (b'{"a":' * 1_000_000, "nested too deeply"), (b'{"a": ' + b"9" * 5_000 + b"}", "too long"),
    (json.dumps(ROW).encode()[:-3], "not JSON"), (b"carrier,temp\nUA,39\n", "not JSON"),
], ids=lambda value: repr(value[:20]))
def test_a_body_that_is_no_row(service, content, words):
    body = check_problem(send(service, content), 400)
    assert words in body["detail"]
    check_still_serves(service)


@pytest.mark.parametrize("kind", [
    "text/csv", "text/plain", "image/png", "application/x-www-form-urlencoded", "nonsense", "/",
])
def test_a_body_that_says_it_is_something_else(service, kind):
    body = check_problem(send(service, ROW, {"Content-Type": kind}), 400)
    assert kind in body["detail"]
    check_still_serves(service)


def test_of_a_key_that_stands_twice_the_last_one_counts(service):
    twice = json.dumps(ROW)[:-1] + ', "%s": 0, "%s": 1400}' % (DISTANCE, DISTANCE)
    once = send(service, ROW).json()
    assert send(service, twice.encode()).json()["probabilities"] == once["probabilities"]


def test_the_largest_body_is_allowed_and_no_larger_one(service):
    limit = service.container.settings().max_json_bytes
    row = json.dumps(ROW).encode()
    assert send(service, row + b" " * (limit - len(row))).status_code == 200
    check_problem(send(service, row + b" " * (limit - len(row) + 1)), 413)
    check_problem(send(service, b"x" * 20_000_000), 413)
    check_still_serves(service)


def test_a_large_body_that_does_not_say_how_large_it_is(service):
    pieces = (b" " * 1_000_000 for _ in range(20))
    check_problem(service.client.post("/forward", content=pieces, headers=JSON), 413)
    assert service.client.post("/forward", content=iter([json.dumps(ROW).encode()]), headers=JSON).status_code == 200


@pytest.mark.parametrize("name", ["nope", "Flights", "%00", "%ED%A0%80", "x" * 5000])
def test_an_unknown_task(service, name):
    check_problem(send(service, ROW, query=f"?task={name}"), 404)
    check_still_serves(service)


def test_no_task_at_all(empty):
    assert "there is none" in check_problem(send(empty, ROW), 400)["detail"]


def test_several_tasks_and_none_is_named(service):
    service.serve(make_task(Problem.REGRESSION, "delay"))
    body = check_problem(send(service, ROW), 400)
    assert "delay, flights" in body["detail"]
    assert send(service, ROW, query="?task=delay").json()["task"] == "delay"
    assert send(service, ROW, query="?task=flights").json()["task"] == "flights"


def test_nothing_is_deployed(empty):
    empty.tasks.add(make_task())
    assert "flights" in check_problem(send(empty, ROW), 403)["detail"]
    check_problem(send(empty, ROW, query="?task=flights"), 403)


def test_what_is_deployed_later_answers(empty):
    empty.tasks.add(make_task())
    check_problem(send(empty, ROW), 403)
    first = empty.serve(make_task())
    assert send(empty, ROW).json()["experiment_id"] == first.id
    second = empty.serve(make_task())
    assert send(empty, ROW).json()["experiment_id"] == second.id == first.id + 1


@pytest.mark.parametrize(("failure", "status"), [(ModelCrashed("it failed on 1 rows"), 403), (Busy("wait"), 503)])
def test_the_model_fails(service, monkeypatch, failure, status):
    runner = service.container.serving_models().current("flights").runner
    with monkeypatch.context() as patch:
        patch.setattr(runner, "predict", lambda _: (_ for _ in ()).throw(failure))
        answer = send(service, ROW)
        assert check_problem(answer, status)["detail"] == failure.detail
    assert answer.headers.get("retry-after") == ("1" if status == 503 else None)
    check_still_serves(service)


def test_a_fault_of_ours_tells_nothing_of_itself(service, monkeypatch, caplog):
    runner = service.container.serving_models().current("flights").runner
    with monkeypatch.context() as patch:
        patch.setattr(runner, "predict", lambda _: 1 / 0)
        answer = send(service, ROW, JSON | {"X-Request-ID": "mine-1"})
    body = check_problem(answer, 500)
    assert "division" not in answer.text
    assert answer.headers["x-request-id"] == "mine-1"
    assert "request" in body["detail"]
    assert "mine-1" in caplog.text and "ZeroDivisionError" in caplog.text
    check_still_serves(service)


def test_some_rows_are_answered_as_a_file_of_them(service):
    rows = [ROW, changed(temp=None), changed(carrier="AA")]
    answer = send(service, rows)
    body = answer.json()
    assert list(body) == ["request_id", "task", "experiment_id", "count", "predictions", "probabilities"]
    assert (body["count"], body["request_id"]) == (3, answer.headers["x-request-id"])
    single = [send(service, row).json() for row in rows]
    assert body["predictions"] == [one["prediction"] for one in single]
    assert body["probabilities"]["1"] == pytest.approx([one["probabilities"]["1"] for one in single], abs=1e-7)


def test_faults_of_some_rows_are_told_by_row_and_column(service):
    lacking = {name: value for name, value in ROW.items() if name != TEMP}
    body = check_problem(send(service, [ROW, lacking, changed(temp="x")]), 400)
    assert faults(body) == {f"row 2, column {TEMP}": "is missing; write null where there is no value"}
    body = check_problem(send(service, [ROW, changed(temp="x"), changed(carrier=[])]), 400)
    assert list(faults(body)) == [f"row 2, column {TEMP}", f"row 3, column {CARRIER}"]
    assert "row 2" in check_problem(send(service, [ROW, 1]), 400)["detail"]


def test_more_rows_than_the_limit_are_shown_the_way(service):
    service.container.settings.override(replace(service.container.settings(), max_forward_rows=2))
    assert send(service, [ROW] * 2).json()["count"] == 2
    assert "/forward_batch" in check_problem(send(service, [ROW] * 3), 413)["detail"]


def test_columns_that_nobody_knows_are_a_fault_or_ignored_by_name(service):
    odd = ROW | {"customer": "Öz", "note": {"a": 1}}
    assert set(faults(check_problem(send(service, odd), 400))) == {"column customer", "column note"}
    expected = send(service, ROW).json()
    body = send(service, odd, query="?extra=ignore").json()
    assert body.pop("ignored") == ["customer", "note"]
    assert {**body, "request_id": ""} == {**expected, "request_id": ""}
    assert "ignored" not in send(service, ROW, query="?extra=ignore").json()
    some = send(service, [odd, odd], query="?extra=ignore").json()
    assert some["ignored"] == ["customer", "note"] and some["predictions"] == [expected["prediction"]] * 2
    assert f"column {TEMP}" in faults(check_problem(send(service, odd | {TEMP: "x"}, query="?extra=ignore"), 400))
    check_problem(send(service, odd, query="?extra=refuse"), 400)
    check_problem(send(service, odd, query="?extra=perhaps"), 400)
