"""The Open Inference Protocol below /v2, spoken by hand."""
from __future__ import annotations

import io
import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from starlette.testclient import TestClient

from application.decorators.answering import RecordedAnswering
from domain.kinds.kind import Problem
from domain.provenance import model_path
from entrypoints.http.app import create_app
from tests.builders import CARRIER, DISTANCE, ENGINE, ROW, TEMP, make_task, succeeded
from tests.http.test_forward import send

INFER, LENGTH = "/v2/models/flights/infer", "Inference-Header-Content-Length"


def column(name: str, datatype: str, *values, **more) -> dict:
    return {"name": name, "datatype": datatype, "shape": [len(values)], "data": list(values)} | more


def inputs(carriers=("UA",), temps=(39.5,), engines=("",), distances=(1400,)) -> list[dict]:
    return [column(CARRIER, "BYTES", *carriers), column(TEMP, "FP32", *temps), column(ENGINE, "BYTES", *engines),
            column(DISTANCE, "INT32", *distances)]


def infer(service, asked: object, path: str = INFER, **headers):
    body = asked if isinstance(asked, bytes) else json.dumps(asked).encode()
    return service.client.post(path, content=body, headers=headers)


def outputs(answer) -> dict[str, list]:
    assert answer.status_code == 200, answer.text
    return {output["name"]: output["data"] for output in answer.json()["outputs"]}


def test_a_row_is_answered_as_forward_does(service):
    answer = infer(service, {"id": "mine", "inputs": inputs()})
    body, forward = answer.json(), send(service, ROW).json()
    assert (body["model_name"], body["model_version"], body["id"]) == ("flights", str(forward["experiment_id"]), "mine")
    assert outputs(answer)["prediction"] == [forward["prediction"]]
    assert outputs(answer)["probabilities"] == pytest.approx(list(forward["probabilities"].values()))
    assert [output["shape"] for output in body["outputs"]] == [[1], [1, 2]]
    assert [output["datatype"] for output in body["outputs"]] == ["INT64", "FP32"]


def test_without_an_id_the_answer_has_the_one_of_the_request(service):
    answer = infer(service, {"inputs": inputs()})
    assert answer.json()["id"] == answer.headers["x-request-id"]


def test_many_rows_are_answered_in_their_order_and_kept(service):
    n_rows = 10_000
    distances = list(range(n_rows))
    answer = infer(service, {"inputs": inputs(["AA"] * n_rows, [-3000.0] * n_rows, [""] * n_rows, distances)})
    assert outputs(answer)["prediction"] == [int(0.01 * (distance - 3000.0) > 0) for distance in distances]


def test_text_labels_and_numbers_are_tensors_too(empty):
    empty.serve(make_task(Problem.MULTICLASS, "words"))
    empty.serve(make_task(Problem.REGRESSION, "numbers"))
    words = infer(empty, {"inputs": inputs(temps=[-100.0], distances=[0])}, "/v2/models/words/infer")
    assert outputs(words)["prediction"] == ["вовремя"] and len(outputs(words)["probabilities"]) == 3
    numbers = infer(empty, {"inputs": inputs()}, "/v2/models/numbers/infer")
    assert outputs(numbers) == {"prediction": [pytest.approx(0.5 + 0.01 * (39.5 + 1400))]}
    assert [output["name"] for output in empty.client.get("/v2/models/numbers").json()["outputs"]] == ["prediction"]


@pytest.mark.parametrize("missing", ["NaN", "null"])
def test_missing_numbers(service, missing):
    body = json.dumps({"inputs": inputs(temps=[0.25])}).replace("0.25", missing).encode()
    assert outputs(infer(service, body)) == outputs(infer(service, {"inputs": inputs(temps=[None])}))
    refused = infer(service, json.dumps({"inputs": [*inputs()[:3], column(DISTANCE, "FP64", 0.25)]})
                    .replace("0.25", missing).encode())
    assert refused.status_code == 400 and DISTANCE in refused.json()["error"]


@pytest.mark.parametrize("datatype", ["FP16", "FP32", "FP64", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16",
                                      "UINT32", "UINT64", "BF16"])
def test_a_number_is_taken_in_every_type(service, datatype):
    asked = inputs(distances=[64])
    expected = outputs(infer(service, {"inputs": asked}))
    asked[3] |= {"datatype": datatype}
    assert outputs(infer(service, {"inputs": asked})) == expected


def test_columns_may_be_nested_one_wide(service):
    nested = [part | {"shape": [1, 1], "data": [part["data"]]} for part in inputs()]
    assert outputs(infer(service, {"inputs": nested})) == outputs(infer(service, {"inputs": inputs()}))


def test_a_whole_number_of_a_shape_is_one_however_it_is_written(service):
    as_floats = [part | {"shape": [1.0]} for part in inputs()]
    assert outputs(infer(service, {"inputs": as_floats})) == outputs(infer(service, {"inputs": inputs()}))


@pytest.mark.parametrize("shape", [
    "[1.5]", "[NaN]", "[Infinity]", "[-Infinity]", "[1e308]", "[1e400]", "[9223372036854775808]",
    f"[{','.join(['1e308'] * 10_000)}]", f"[{'9' * 4_000}]"])
def test_a_shape_that_is_none_is_told_in_few_words(service, shape):
    body = json.dumps({"inputs": inputs()}).replace("[1]", shape)
    answer = service.client.post("/v2/models/flights/infer", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400 and len(answer.text) < 500, answer.text[:1000]


def test_a_matrix_is_the_features_in_their_order(empty):
    task = make_task(Problem.REGRESSION, "numbers")
    empty.serve(task)
    names = [name for name in (CARRIER, TEMP, ENGINE, DISTANCE)]
    matrix = {"name": "input-0", "datatype": "BYTES", "shape": [1, 4], "data": ["UA", "1", "", "2"]}
    refused = infer(empty, {"inputs": [matrix]}, "/v2/models/numbers/infer")
    assert refused.status_code == 400 and TEMP in refused.json()["error"]
    narrow = infer(empty, {"inputs": [matrix | {"shape": [2, 2]}]}, "/v2/models/numbers/infer")
    assert narrow.status_code == 400 and f"{len(names)} features" in narrow.json()["error"]


def test_only_the_outputs_asked_for_come_and_in_their_order(service):
    asked = {"inputs": inputs(), "outputs": [{"name": "probabilities"}]}
    assert list(outputs(infer(service, asked))) == ["probabilities"]
    unknown = infer(service, asked | {"outputs": [{"name": "embedding"}]})
    assert unknown.status_code == 400 and "embedding" in unknown.json()["error"]


def binary_request(parts: list[tuple[dict, bytes]], **more) -> tuple[bytes, dict]:
    head = json.dumps({"inputs": [part | {"parameters": {"binary_data_size": len(raw)}} for part, raw in parts]}
                      | more).encode()
    return head + b"".join(raw for _, raw in parts), {LENGTH: str(len(head))}


def texts(*values: str) -> bytes:
    return b"".join(struct.pack("<I", len(value.encode())) + value.encode() for value in values)


BINARY = [({"name": CARRIER, "datatype": "BYTES", "shape": [2]}, texts("UA", "ж")),
          ({"name": TEMP, "datatype": "FP32", "shape": [2]}, np.array([39.5, np.nan], "<f4").tobytes()),
          ({"name": ENGINE, "datatype": "BYTES", "shape": [2, 1]}, texts("", "Turbo")),
          ({"name": DISTANCE, "datatype": "INT64", "shape": [2]}, np.array([1400, 7], "<i8").tobytes())]


def test_bytes_come_and_go_behind_the_json(service):
    body, headers = binary_request(BINARY, outputs=[{"name": "prediction", "parameters": {"binary_data": True}},
                                                    {"name": "probabilities"}])
    answer = infer(service, body, **headers)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/octet-stream"
    size = int(answer.headers[LENGTH])
    head = json.loads(answer.content[:size])
    prediction, probabilities = head["outputs"]
    assert prediction["parameters"] == {"binary_data_size": 16} and "data" not in prediction
    expected = outputs(infer(service, {"inputs": inputs(["UA", "ж"], [39.5, None], ["", "Turbo"], [1400, 7])}))
    assert np.frombuffer(answer.content[size:], "<i8").tolist() == expected["prediction"]
    assert probabilities["data"] == expected["probabilities"]


def test_all_outputs_as_bytes(service):
    body, headers = binary_request(BINARY, parameters={"binary_data_output": True})
    answer = infer(service, body, **headers)
    head = json.loads(answer.content[:int(answer.headers[LENGTH])])
    assert [output["parameters"] for output in head["outputs"]] == [{"binary_data_size": 16}, {"binary_data_size": 16}]


@pytest.mark.parametrize(("body", "words"), [
    (b"", "JSON"), (b"[]", "object"), (b"{" * 5000, "JSON"), (b'{"inputs": []}', "empty"),
    (b'{"inputs": [], "steps": 3}', "steps"), (b"\xff", "JSON"),
    ({"inputs": [column(CARRIER, "FP128", 1)]}, "FP128"),
    ({"inputs": [column(CARRIER, "BYTES", "UA") | {"shape": [2]}]}, "1 values"),
    ({"inputs": [column(CARRIER, "BYTES", "UA") | {"shape": [-1]}]}, "shape"),
    ({"inputs": [column(CARRIER, "BYTES", "UA") | {"shape": []}]}, "shape"),
    ({"inputs": [column(TEMP, "FP64") | {"shape": [0, 2**62]}]}, "shape"),
    ({"inputs": [column(CARRIER, "BYTES", 3)]}, "BYTES"),
    ({"inputs": [column(TEMP, "FP32", "39")]}, "FP32"),
    ({"inputs": [column(TEMP, "INT32", None)]}, "INT32"),
    ({"inputs": [column(TEMP, "UINT8", 300)]}, "UINT8"),
    ({"inputs": [column(TEMP, "BOOL", 1)]}, "BOOL"),
    ({"inputs": [column(TEMP, "FP32", 1) | {"data": "39"}]}, "list"),
    ({"inputs": [{"name": TEMP, "datatype": "FP32", "shape": [1]}]}, "binary_data_size"),
    ({"inputs": [{"name": TEMP, "datatype": "FP32", "shape": [1], "parameters": {"binary_data_size": 4}}]}, "0 bytes"),
    ({"inputs": inputs(carriers=["UA", "AA"])}, "rows"),
    ({"inputs": [*inputs(), column("colour", "FP32", 1)]}, "colour"),
    ({"inputs": inputs()[1:]}, CARRIER),
    ({"inputs": [*inputs(), *inputs()[:1]]}, "twice"),
    ({"inputs": inputs(), "parameters": {"priority": 3}}, "priority"),
    ({"inputs": inputs(), "parameters": {"binary_data_output": "yes"}}, "true or false"),
])
def test_what_cannot_be_used_is_named(service, body, words):
    answer = infer(service, body)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"] and words in answer.json()["error"], answer.json()
    assert outputs(infer(service, {"inputs": inputs()}))


@pytest.mark.parametrize(("headers", "body"), [
    ({LENGTH: "many"}, b"{}"), ({LENGTH: "999"}, b"{}"), ({LENGTH: "2"}, b"{}left over")])
def test_a_length_that_is_none(service, headers, body):
    answer = infer(service, body, **headers)
    assert answer.status_code == 400 and list(answer.json()) == ["error"]


def test_bytes_that_break_off(service):
    for cut in range(1, 40, 5):
        body, headers = binary_request(BINARY)
        answer = infer(service, body[:-cut], **headers)
        assert answer.status_code == 400 and list(answer.json()) == ["error"]


def test_a_version_is_that_one_or_none(service):
    served = service.served["flights"].id
    assert outputs(infer(service, {"inputs": inputs()}, f"/v2/models/flights/versions/{served}/infer"))
    for path, method in (("infer", "post"), ("ready", "get"), ("stats", "get"), ("", "get")):
        answer = getattr(service.client, method)(f"/v2/models/flights/versions/{served + 1}/{path}".rstrip("/"),
                                                 **({"json": {"inputs": inputs()}} if method == "post" else {}))
        assert answer.status_code == 404 and str(served) in answer.json()["error"], path


@pytest.mark.parametrize("n_rows", [1, 3])
def test_a_deployment_amid_a_request_fails_none_but_those_of_a_version(service, monkeypatch, n_rows):
    """The model is chosen when the rows are answered, not when the request comes."""
    before = service.served["flights"]
    task, answer = service.tasks.get("flights"), RecordedAnswering.execute

    def after_a_deployment(self, *arguments, **named):
        newest = service.deployments.history("flights")[0]
        if newest.experiment_id == before.id:
            other = service.experiments.add(succeeded(task, {"test": {"auc": 0.8}}))
            service.artifacts.put(model_path(other.id), io.BytesIO(service.artifacts.read(model_path(before.id))))
            service.deployments.append("flights", lambda history: replace(
                newest, experiment_id=other.id, generation=newest.generation + 1))
            service.container.serving_models().refresh()
        return answer(self, *arguments, **named)

    monkeypatch.setattr(RecordedAnswering, "execute", after_a_deployment)
    asked = {"inputs": inputs(["UA"] * n_rows, [1.0] * n_rows, [""] * n_rows, [1] * n_rows)}
    refused = infer(service, asked, f"/v2/models/flights/versions/{before.id}/infer")
    assert refused.status_code == 404 and "not loaded" in refused.json()["error"]
    monkeypatch.setattr(RecordedAnswering, "execute", answer)
    assert infer(service, asked).json()["model_version"] == str(before.id + 1)


def test_a_deployment_amid_a_request_without_a_version_answers_by_the_new_one(service, monkeypatch):
    seen = service.container.serving_models().current("flights")
    monkeypatch.setattr("entrypoints.v2.models.served_by", lambda *_: replace(seen, experiment_id=999))
    assert infer(service, {"inputs": inputs()}).json()["model_version"] == str(seen.experiment_id)


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/v2/models/unknown", 404), ("GET", "/v2/nothing", 404), ("DELETE", "/v2/models/flights", 405),
    ("GET", INFER, 405), ("GET", "/v2/models/flights?colour=red", 400),
    ("POST", "/v2/repository/models/flights/unload", 409), ("POST", "/v2/repository/models/unknown/load", 404)])
def test_every_failure_has_the_form_of_the_protocol(service, method, path, status):
    answer = service.client.request(method, path)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert answer.headers["content-type"] == "application/json" and answer.headers["x-request-id"]


def test_a_failure_of_ours_too(service, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(type(service.container.serving_models()), "current", broken)
    answer = service.client.get("/v2/models/flights")
    assert answer.status_code == 500 and list(answer.json()) == ["error"] and "boom" not in answer.text
    assert service.client.get("/metadata?task=flights").json()["status"] == 500


def test_too_large_is_told_before_it_is_read(service):
    answer = infer(service, b"{}", **{"Content-Length": str(1 << 40)})
    assert answer.status_code == 413 and list(answer.json()) == ["error"]


def test_keys_are_asked_for_and_a_reader_may_infer(service, settings):
    service.container.settings.override(replace(settings, api_keys="secret:read"))
    body, key = json.dumps({"inputs": inputs()}), {"X-API-Key": "secret"}
    with TestClient(create_app(service.container)) as client:
        assert [client.get(f"/v2/health/{path}").status_code for path in ("live", "ready")] == [200, 200]
        refused = client.post(INFER, content=body)
        assert (refused.status_code, list(refused.json())) == (401, ["error"])
        assert client.post(INFER, content=body, headers=key).status_code == 200
        assert client.post("/v2/repository/index", headers=key).status_code == 200
        assert client.post("/v2/repository/models/flights/load", headers=key).status_code == 403


def test_metadata_name_every_column(service):
    answer = service.client.get("/v2/models/flights").json()
    assert [(each["name"], each["datatype"], each["shape"]) for each in answer["inputs"]] == [
        (CARRIER, "BYTES", [-1]), (TEMP, "FP32", [-1]), (ENGINE, "BYTES", [-1]), (DISTANCE, "FP32", [-1])]
    assert [each["shape"] for each in answer["outputs"]] == [[-1], [-1, 2]]
    assert answer["versions"] == [str(service.served["flights"].id)]


def test_health(service, empty):
    assert service.client.get("/v2").json()["name"] == "progon"
    assert service.client.get("/v2/health/live").json() == {"live": True, "ready": True}
    assert service.client.get("/v2/health/ready").status_code == 200
    assert service.client.get("/v2/models/flights/ready").json() == {"name": "flights", "ready": True}


def test_before_anything_is_deployed(empty):
    empty.tasks.add(make_task(name="idle"))
    assert empty.client.get("/v2/health/ready").json() == {"live": True, "ready": False}
    assert empty.client.get("/v2/models/idle/ready").status_code == 403
    assert empty.client.post("/v2/repository/index").json() == [
        {"name": "idle", "version": "", "state": "UNAVAILABLE", "reason": "no experiment of it is deployed"}]
    assert empty.client.post("/v2/repository/index", json={"ready": True}).json() == []
    assert empty.client.post("/v2/repository/models/idle/load").status_code == 409


def test_what_was_done_is_counted(service):
    send(service, ROW)
    for _ in range(2):
        infer(service, {"inputs": inputs(["UA"] * 3, [1.0] * 3, [""] * 3, [1] * 3)})
    infer(service, {"inputs": []})
    stats, = service.client.get("/v2/models/flights/stats").json()["model_stats"]
    assert (stats["inference_count"], stats["execution_count"]) == (7, 3)
    assert stats["inference_stats"]["success"]["count"] == 3
    assert service.client.get("/v2/models/stats").json()["model_stats"][0]["name"] == "flights"


def test_a_load_deploys(service):
    task = service.tasks.get("flights")
    serving = service.served["flights"]
    assert service.client.post("/v2/repository/models/flights/load").status_code == 200
    assert len(service.deployments.history("flights")) == 1
    other = service.experiments.add(succeeded(task, {"test": {"auc": 0.8}}))
    path = "/v2/repository/models/flights/load"
    assert service.client.post(path, json={"parameters": {"version": "x"}}).status_code == 404
    assert service.client.post(path, json={"parameters": {"version": str(other.id + 9)}}).status_code == 404
    assert service.client.post(path, json={"colour": 1}).status_code == 400
    assert service.client.post(path, json={"parameters": {"version": str(serving.id)}}).status_code == 200
    assert service.deployments.history("flights")[0].experiment_id == serving.id
