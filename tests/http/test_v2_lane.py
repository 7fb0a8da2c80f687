"""The short way of a row of tensors and the framework's: the same answers, faults, heads, counts and kept rows."""
from __future__ import annotations

import json
import struct
from dataclasses import dataclass, replace
from math import nan

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from adapters.spool.lines import decode, encode
from application.ports.prediction_log import AnsweredRows
from domain.columns import ColumnType
from domain.errors import InvalidInput
from domain.kinds.kind import Problem
from domain.schema import Column, Role, Schema
from domain.table import FewRows
from entrypoints.formats.v2 import infer_request
from entrypoints.formats.v2.columns import rows_of_columns
from entrypoints.formats.v2.row_decoder import TensorRowDecoder
from entrypoints.formats.v2.tensors import DTYPES
from entrypoints.http import infer_way
from entrypoints.http.app import create_app
from entrypoints.settings import Settings
from tests.builders import CARRIER, DISTANCE, ENGINE, LATE, TEMP, assert_same_table, make_task
from tests.http.conftest import Service

TASK = make_task()
DECODER = TensorRowDecoder(TASK.schema)
PATH = "/v2/models/flights/infer"
USUAL = {CARRIER: ("BYTES", "UA"), TEMP: ("FP32", 39.5), ENGINE: ("BYTES", ""), DISTANCE: ("INT64", 1400)}
TYPES = sorted({*DTYPES, "BYTES", "BF16", "STRING"} - {"FP16"})
VALUES = st.one_of(st.sampled_from(["UA", " ж ", "", "н/д", "?", "x" * 10_001, "a\0b", True, 2**63, -2**63, 3e38, -4e38,
                                    1e300, nan, float("inf"), 0.1, -0.0, None]),
                   st.text(max_size=5), st.integers(-2**70, 2**70), st.floats())
TENSORS = st.fixed_dictionaries({}, optional={
    name: st.tuples(st.one_of(st.just(USUAL[name][0]), st.sampled_from(TYPES)), VALUES) for name in USUAL})
SHAPES = st.sampled_from([[1], [1], [1, 1], [2], [], [1, 1, 1], [1, 2]])


def packed(datatype: str, value: object) -> bytes | None:
    """None for what has no bytes of this type."""
    try:
        if datatype == "BYTES":
            text = str(value).encode()
            return struct.pack("<I", len(text)) + text
        with np.errstate(over="ignore"):
            return np.array([value], DTYPES[datatype]).tobytes()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def body_of(tensors: dict[str, tuple[str, object]], binary: bool = True, shape: tuple[int, ...] = (1,), **more
            ) -> tuple[bytes, int | None]:
    inputs, behind = [], []
    for name, (datatype, value) in tensors.items():
        entry = {"name": name, "datatype": datatype, "shape": list(shape)}
        raw = packed(datatype, value) if binary else None
        if raw is None:
            inputs.append(entry | {"data": [value]})
        else:
            inputs.append(entry | {"parameters": {"binary_data_size": len(raw)}})
            behind.append(raw)
    head = json.dumps({"inputs": inputs, **more}).encode()
    return head + b"".join(behind), len(head) if behind else None


def compare(body: bytes, json_bytes: int | None) -> bool:
    """Whether the decoder took it; then it is what the slow way makes of it."""
    found = DECODER.decode(body, json_bytes)
    if found is None:
        return False
    asked = infer_request.decode(body, json_bytes)
    table = rows_of_columns(TASK, asked.inputs).coerce(TASK.schema.features, TASK.schema.spare_names)
    assert_same_table(FewRows([found.cells]), table)
    assert (found.asked.id, found.asked.outputs, found.asked.binary) == (asked.id, asked.outputs, asked.binary)
    return True


@settings(max_examples=300)
@given(TENSORS, st.booleans(), SHAPES)
def test_what_the_decoder_takes_it_takes_as_the_slow_way_does(some, binary, shape):
    compare(*body_of(USUAL | some, binary, shape))


@given(st.binary(max_size=40), st.integers(0, 400), st.booleans())
def test_bytes_that_are_no_row(noise, at, binary):
    body, json_bytes = body_of(USUAL, binary)
    compare(body[:at] + noise + body[at:], json_bytes)
    compare(body[:at], json_bytes and min(json_bytes, at))


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("some", [
    {}, {TEMP: ("FP64", nan)}, {TEMP: ("INT32", 7)}, {TEMP: ("UINT8", 7)}, {CARRIER: ("BYTES", " ж ")},
    {ENGINE: ("BYTES", "н/д")}, {DISTANCE: ("FP32", 0.1)}], ids=str)
@pytest.mark.parametrize("more", [
    {}, {"id": "mine", "outputs": [{"name": "prediction", "parameters": {"binary_data": True}}]},
    {"parameters": {"binary_data_output": True}}], ids=str)
def test_what_is_usual_it_takes(binary, some, more):
    if not binary and some == {TEMP: ("FP64", nan)}:
        some = {TEMP: ("FP64", None)}  # NaN is not JSON; what it is written as is for the slow way
    assert compare(*body_of(USUAL | some, binary, **more)) and compare(*body_of(USUAL | some, binary, (1, 1), **more))


def test_columns_of_other_types_are_for_the_slow_way():
    columns = Column("yes", ColumnType.BOOLEAN), Column(LATE, ColumnType.CATEGORY, Role.TARGET)
    assert TensorRowDecoder(Schema(columns)).decode(*body_of({"yes": ("BOOL", True)})) is None


# --- over HTTP, both ways in one service

@dataclass
class Both:
    service: Service
    slow: TestClient
    kept: list[AnsweredRows]

    def ask(self, body: bytes, json_bytes: int | None, headers: dict[str, str] | None = None, path: str = PATH):
        """(the lane's answer, the framework's), equal in all but times."""
        found = []
        said = {"Inference-Header-Content-Length": str(json_bytes)} if json_bytes is not None else {}
        for client in (self.service.client, self.slow):
            self.kept.clear()
            answer = client.post(path, content=body, headers={"X-Request-ID": "the-same"} | said | (headers or {}))
            rows = [decode(encode(replace(one, latency_s=0)).rstrip()) for one in self.kept]
            found.append((answer.status_code, answer.content, sorted(answer.headers.items()), rows))
        assert found[0] == found[1]
        return found[0]


@pytest.fixture
def both(service: Service, framework: TestClient, kept: list[AnsweredRows]) -> Both:
    return Both(service, framework, kept)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TENSORS, st.booleans(), SHAPES, st.sampled_from([{}, {"parameters": {"binary_data_output": True}}, {
    "outputs": [{"name": "probabilities"}]}, {"outputs": [{"name": "colour"}]}, {"id": "mine"}]))
def test_both_ways_answer_alike(both, some, binary, shape, more):
    both.ask(*body_of(USUAL | some, binary, shape, **more))


@pytest.mark.parametrize("headers", [
    {}, {"Content-Type": "application/json"}, {"Content-Type": "application/octet-stream"},
    {"Content-Type": "text/csv"},
    {"Content-Encoding": "gzip"}, {"Accept-Encoding": "gzip"}, {"Inference-Header-Content-Length": "x"},
    {"Inference-Header-Content-Length": "99999"}, {"Inference-Header-Content-Length": "0"}, {"X-API-Key": "a"}],
    ids=str)
@pytest.mark.parametrize("path", [
    PATH, "/v2/models/nobody/infer", "/v2/models/flights/versions/1/infer", f"{PATH}?more=1",
    "/v2/models/flights/versions/999/infer", "/v2/models/a%20b/infer"])
def test_heads_and_paths(both, headers, path):
    for binary in (True, False):
        both.ask(*body_of(USUAL, binary), headers, path)


def test_a_length_of_thousands_of_digits_is_refused_in_words(both):
    body, _ = body_of(USUAL)
    status, content, _, _ = both.ask(body, None, {"Inference-Header-Content-Length": "9" * 5_000})
    assert status == 400 and "no number of bytes" in json.loads(content)["error"]


@pytest.mark.parametrize("problem", [Problem.MULTICLASS, Problem.REGRESSION])
def test_other_problems(both, problem):
    both.service.serve(make_task(problem, "other"))
    for more in ({}, {"parameters": {"binary_data_output": True}}):
        status, _, _, kept = both.ask(*body_of(USUAL, **more), path="/v2/models/other/infer")
        assert status == 200 and kept[0].task == "other"


def test_a_long_answer_is_packed_as_the_framework_does(both, monkeypatch):
    both.service.serve(replace(make_task(Problem.MULTICLASS, "many"), labels=tuple(f"label {n:03}" for n in range(3))))
    body, json_bytes = body_of(USUAL, id="x" * 2_000)
    _, _, headers, _ = both.ask(body, json_bytes, {"Accept-Encoding": "gzip"})
    assert ("content-encoding", "gzip") in headers


def test_the_answer_is_that_of_the_lane(both, monkeypatch):
    assert both.ask(*body_of(USUAL))[0] == 200
    monkeypatch.setattr(infer_way, "packed", lambda accepted, body: (b"by the lane", {}))
    body, json_bytes = body_of(USUAL)
    said = {"Inference-Header-Content-Length": str(json_bytes)}
    assert both.service.client.post(PATH, content=body, headers=said).content == b"by the lane"
    assert both.slow.post(PATH, content=body, headers=said).content != b"by the lane"


def test_it_is_counted_as_the_framework_does(both):
    def counts() -> dict[str, float]:
        lines = both.service.client.get("/metrics").text.splitlines()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines
                if line.startswith(("progon_requests_total", "progon_predictions_total")) and "/metrics" not in line}
    seen = [counts()]
    body, json_bytes = body_of(USUAL)
    for client in (both.service.client, both.slow):
        client.post(PATH, content=body, headers={"Inference-Header-Content-Length": str(json_bytes)})
        seen.append(counts())
    first, second = ({key: after[key] - before.get(key, 0) for key in after} for before, after in zip(
        seen, seen[1:], strict=False))
    assert first == second and any(first.values())


def test_a_wrong_tensor_is_told_by_its_name(both):
    status, content, _, kept = both.ask(*body_of(USUAL | {TEMP: ("BYTES", "warm")}))
    assert status == 400 and TEMP in json.loads(content)["error"] and kept == []
    with pytest.raises(InvalidInput):
        infer_request.decode(b"{}")


@pytest.mark.parametrize(("key", "status"), [("mine", 200), ("reads", 200), ("nobody", 401), (None, 401)])
def test_keys(service, tmp_path, key, status):
    service.container.settings.override(Settings(home=tmp_path, api_keys="mine,reads:read"))
    body, json_bytes = body_of(USUAL)
    answer = TestClient(create_app(service.container)).post(PATH, content=body, headers={
        "Inference-Header-Content-Length": str(json_bytes)} | ({"X-API-Key": key} if key else {}))
    assert answer.status_code == status
