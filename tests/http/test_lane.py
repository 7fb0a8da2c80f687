"""The short way of `POST /forward` and the framework's: the same answers, faults, heads, counts and kept rows."""
from __future__ import annotations

import json
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from adapters.spool.lines import decode, encode
from application.ports.prediction_log import AnsweredRows
from domain.columns import ColumnType
from domain.errors import InvalidInput
from domain.kinds.kind import Problem
from domain.rows import JsonRow
from domain.schema import Column, Role, Schema
from domain.table import FewRows
from entrypoints.formats.json_rows import decode_row
from entrypoints.formats.row_decoder import REMEMBERED, RowDecoder
from entrypoints.http import forward_way, lane
from entrypoints.http.app import create_app
from entrypoints.settings import Settings
from tests.builders import (
    CARRIER,
    DAY,
    DISTANCE,
    ENGINE,
    FEATURES,
    LATE,
    ROW,
    ROW_ID,
    TEMP,
    assert_same_table,
    make_task,
)
from tests.http.conftest import Service

COLUMNS = (*FEATURES, Column("code", ColumnType.CATEGORY, digits=5), Column("yes", ColumnType.BOOLEAN),
           Column("sure", ColumnType.BOOLEAN, nullable=False), Column("\u2028 'q' /", ColumnType.NUMBER))
SCHEMA = Schema((*COLUMNS, Column(ROW_ID, ColumnType.CATEGORY, Role.IGNORED),
                 Column(LATE, ColumnType.CATEGORY, Role.TARGET)))
WHOLE = ROW | {"code": "00501", "yes": None, "sure": True, "\u2028 'q' /": 1}
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from([10**20, 2**53 + 1, 2**64 + 1, -2**63, 10**400]),
    st.floats(), st.text(max_size=12), st.sampled_from([
        "UA", " UA ", "?", "н/д", "", " ", "501", "501.0", "yes", "да", "x" * 10_001, "a\0b", "\ud83d", "\u2028"]),
    st.lists(st.none(), max_size=1), st.dictionaries(st.text(max_size=2), st.none(), max_size=1))
SOME = st.fixed_dictionaries({}, optional={name: VALUES for name in WHOLE})
MORE = st.dictionaries(st.sampled_from([LATE, ROW_ID, "request_id", "other"]), VALUES, max_size=1)
LEFT_OUT = st.one_of(st.none(), st.none(), st.sampled_from(sorted(WHOLE)))
ROWS = st.builds(lambda some, more, left_out: {name: value for name, value in (WHOLE | some | more).items()
                                               if name != left_out}, SOME, MORE, LEFT_OUT)
DECODER = RowDecoder(SCHEMA)


def slowly(body: bytes):
    try:
        return JsonRow(decode_row(body)).coerce(SCHEMA.features, SCHEMA.spare_names)
    except InvalidInput:
        return None


def compare(body: bytes) -> bool:
    """Whether the decoder took it; then it made the same table of it."""
    quick, slow = DECODER.decode(body), slowly(body)
    if quick is not None:
        assert slow is not None, "what has faults is for the slow way to tell"
        assert_same_table(FewRows([quick]), slow)
    return quick is not None


@given(ROWS, st.booleans())
@example(WHOLE, True)
@example(WHOLE | {"code": 10**400, "yes": 10**400}, True)
@example(WHOLE | {TEMP: -0.0, DISTANCE: 3.4028234663852886e38}, True)
@example(WHOLE | {TEMP: 3.4028235677973366e38}, True)
def test_what_the_decoder_takes_it_takes_as_the_slow_way_does(row, ascii_alone):
    compare(json.dumps(row, ensure_ascii=ascii_alone).encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=60).map(lambda noise: json.dumps(WHOLE).encode()[:-1] + noise))
@example(b', "temp": 1}')
@example(b"")
def test_bytes_that_are_no_row(body):
    compare(body)


@pytest.mark.parametrize("row", [
    WHOLE, WHOLE | {ENGINE: " ?"}, WHOLE | {TEMP: None, "yes": "да", "code": 501}, WHOLE | {CARRIER: " UA\t"},
    WHOLE | {ROW_ID: {"a": [1]}, LATE: 1}, WHOLE | {TEMP: 2**64 + 1}, dict(reversed(WHOLE.items())),
    WHOLE | {"code": 501.0},
], ids=str)
def test_what_is_usual_it_takes(row):
    assert compare(json.dumps(row).encode()) and compare(json.dumps(row, ensure_ascii=False).encode())


def test_many_different_values_are_not_all_remembered():
    decoder = RowDecoder(SCHEMA)
    for number in range(2 * REMEMBERED):
        cells = decoder.decode(json.dumps(WHOLE | {ENGINE: f" {number}"}).encode())
        assert cells is not None and cells[ENGINE] == str(number)
    remembered = decoder._read[2][2].__self__._known
    assert len(remembered) == REMEMBERED


@pytest.mark.parametrize("columns", [FEATURES[:1], FEATURES[1:2], FEATURES[:2]], ids=["text", "number", "both"])
def test_few_columns(columns):
    schema = Schema((*columns, Column(LATE, ColumnType.CATEGORY, Role.TARGET)))
    body = json.dumps({column.name: ROW[column.name] for column in columns}).encode()
    assert_same_table(FewRows([RowDecoder(schema).decode(body)]), JsonRow(decode_row(body)).coerce(schema.features))


@pytest.mark.parametrize("name", ['"', "\\", "\n", "a\0"])
def test_a_name_that_no_field_can_have_is_for_the_slow_way(name):
    columns = Column(name, ColumnType.NUMBER), Column(LATE, ColumnType.CATEGORY, Role.TARGET)
    assert RowDecoder(Schema(columns)).decode(json.dumps({name: 1}).encode()) is None
    spare = Schema((Column(TEMP, ColumnType.NUMBER), Column(name, ColumnType.CATEGORY, Role.TARGET)))
    assert RowDecoder(spare).decode(json.dumps({TEMP: 1}).encode()) is not None


# --- over HTTP, both ways in one service

@dataclass
class Both:
    service: Service
    slow: TestClient
    kept: list[AnsweredRows]

    def ask(self, body: bytes | dict, headers: dict[str, str] | None = None, query: str = "", method: str = "POST"):
        """(the lane's answer, the framework's), equal in all but ids and times."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        found = []
        for client in (self.service.client, self.slow):
            self.kept.clear()
            answer = client.request(method, f"/forward{query}", content=content, headers={
                "Content-Type": "application/json", "X-Request-ID": "the-same"} | (headers or {}))
            rows = [decode(encode(replace(one, latency_s=0)).rstrip()) for one in self.kept]
            found.append((answer.status_code, answer.content, list(answer.headers.items()), rows))
        assert found[0] == found[1]
        return found[0]


@pytest.fixture
def both(service: Service, framework: TestClient, kept: list[AnsweredRows]) -> Both:
    return Both(service, framework, kept)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=st.builds(lambda some, more: ROW | some | more,
                     st.dictionaries(st.sampled_from(sorted(ROW)), VALUES), st.one_of(st.just({}), st.dictionaries(
                         st.sampled_from([LATE, DAY, ROW_ID, "row_no", "other"]), VALUES, max_size=2))))
def test_both_ways_answer_alike(both, row):
    both.ask(json.dumps(row).encode())


BODIES = (
    ROW, ROW | {ENGINE: "Turbo-fan"}, ROW | {TEMP: "x"}, ROW | {"other": 1, TEMP: []}, {}, b"", b"[]", b"{", b"\xff",
    json.dumps(ROW).replace("39.5", "NaN").encode(), json.dumps(ROW).replace("39.5", "1e400").encode(),
    json.dumps(ROW).encode() + b" " * lane.LARGE_ROW_BYTES, json.dumps(ROW).encode() + b" x")


@pytest.mark.parametrize(("headers", "query"), [
    ({}, ""), ({}, "?task=flights"), ({}, "?task=nobody"), ({}, "?task=flights&more=1"), ({}, "?task="),
    ({"Content-Type": "text/csv"}, ""), ({"Content-Type": "application/json; charset=utf-8"}, ""),
    ({"Content-Encoding": "gzip"}, ""), ({"Content-Encoding": "none such"}, ""), ({"X-Request-ID": "x" * 128}, ""),
    ({"Origin": "https://app.example.org"}, ""), ({"X-API-Key": "a"}, ""),
], ids=str)
def test_heads_and_queries(both, headers, query):
    for body in BODIES:
        both.ask(body, headers, query)


@pytest.mark.parametrize("method", ["HEAD", "GET", "PUT", "OPTIONS"])
def test_other_methods(both, method):
    assert both.ask(ROW, method=method)[0] == 405


def test_the_answer_is_that_of_the_lane(both, monkeypatch):
    assert both.ask(ROW)[0] == 200
    monkeypatch.setattr(forward_way, "row_answers", lambda request_ids, exchange: [b"by the lane"])
    assert both.service.client.post("/forward", json=ROW).content == b"by the lane"
    assert both.slow.post("/forward", json=ROW).json()["task"] == "flights"


@pytest.mark.parametrize("problem", [Problem.MULTICLASS, Problem.REGRESSION])
def test_other_problems(both, problem):
    both.service.serve(make_task(problem, "other"))
    status, content, _, kept = both.ask(ROW, query="?task=other")
    assert status == 200 and kept[0].task == "other" and json.loads(content)["task"] == "other"
    assert both.ask(ROW)[0] == 400, "which of the two is meant is not said"


def test_what_is_deployed_later_answers(both):
    first = json.loads(both.ask(ROW)[1])["experiment_id"]
    both.service.serve(make_task())
    assert json.loads(both.ask(ROW)[1])["experiment_id"] == first + 1


def test_a_model_that_fails(both, monkeypatch):
    runner = both.service.container.serving_models().current("flights").runner
    monkeypatch.setattr(runner, "predict", lambda _: 1 / 0)
    status, _, _, kept = both.ask(ROW)
    assert (status, kept) == (500, [])


def test_it_is_counted_as_the_framework_does(both):
    def counts() -> dict[str, float]:
        lines = both.service.client.get("/metrics").text.splitlines()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines
                if line.startswith(("progon_requests_total", "progon_predictions_total", "progon_inference_seconds_c"))
                and "forward" in line or line.startswith("progon_predictions_total")}
    before = counts()
    both.service.client.post("/forward", json=ROW)
    between = counts()
    both.slow.post("/forward", json=ROW)
    after = counts()
    assert between != before
    assert {key: between[key] - before.get(key, 0) for key in between} == {
        key: after[key] - between[key] for key in after}


def test_each_is_told_in_a_line_of_the_log(both, caplog):
    with caplog.at_level("INFO", "progon.access"):
        both.ask(ROW)
    lane_s, framework_s = [record for record in caplog.records if record.name == "progon.access"]
    assert [vars(lane_s)[name] for name in ("method", "route", "status")] == [
        vars(framework_s)[name] for name in ("method", "route", "status")] == ["POST", "/forward", 200]


def test_pieces_go_to_the_framework_as_they_came(both):
    body = json.dumps(ROW).encode()
    answer = both.service.client.post("/forward", content=iter([body[:9], body[9:]]))
    assert answer.status_code == 200


@pytest.mark.parametrize(("key", "status"), [("mine", 200), ("reads", 200), ("nobody", 401), (None, 401)])
def test_keys(service, tmp_path, key, status):
    container = service.container
    container.settings.override(Settings(home=tmp_path, api_keys="mine,reads:read"))
    client = TestClient(create_app(container))
    answer = client.post("/forward", json=ROW, headers={"X-API-Key": key} if key else {})
    assert answer.status_code == status


def test_pages_of_other_origins_get_their_headers(service, tmp_path):
    service.container.settings.override(Settings(home=tmp_path, cors_origins="https://app.example.org"))
    client = TestClient(create_app(service.container))
    answer = client.post("/forward", json=ROW, headers={"Origin": "https://app.example.org"})
    assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == "https://app.example.org"
    assert "access-control-allow-origin" not in client.post("/forward", json=ROW).headers


def test_the_line_that_is_kept_can_be_read(service):
    service.client.post("/forward", json=ROW, headers={"X-Request-ID": "mine"})
    lines = [line for path in (service.container.settings().home / "spool").glob("*/log-*.ndjson")
             for line in path.read_bytes().splitlines()]
    kept = decode(lines[-1])
    assert kept is not None and (kept.request_id, kept.route) == ("mine", "/forward")
    assert msgspec.to_builtins(kept.inputs)[TEMP] == [39.5] and DISTANCE not in kept.inputs
    assert np.isclose(kept.scores[0], max(kept.scores))
