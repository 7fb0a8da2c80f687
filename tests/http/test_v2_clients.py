"""The Open Inference Protocol as its usual client speaks it: tritonclient, over real connections."""
from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tritonclient.http as sync
import tritonclient.http.aio as aio
from tritonclient.utils import InferenceServerException

from domain.kinds.kind import Problem
from tests.builders import CARRIER, DISTANCE, ENGINE, TEMP, make_task
from tests.http.conftest import Service
from tests.http.sockets import at_socket

CARRIERS, TEMPS, DISTANCES = ["UA", "ж", "Россия"], [39.5, np.nan, -3e3], [1400, 7, 5000]


@pytest.fixture
def address(service) -> Iterator[str]:
    """Of a server of the same application."""
    with at_socket(service.client.app) as port:
        yield f"127.0.0.1:{port}"


def columns(module, binary: bool = True, n_rows: int = 3) -> list:
    found = []
    for name, datatype, values in ((CARRIER, "BYTES", np.array(CARRIERS[:n_rows], dtype=object)),
                                   (TEMP, "FP32", np.array(TEMPS[:n_rows], dtype=np.float32)),
                                   (ENGINE, "BYTES", np.array([""] * n_rows, dtype=object)),
                                   (DISTANCE, "INT64", np.array(DISTANCES[:n_rows], dtype=np.int64))):
        tensor = module.InferInput(name, [n_rows], datatype)
        tensor.set_data_from_numpy(values, binary_data=binary)
        found.append(tensor)
    return found


def expected(service: Service) -> np.ndarray:
    body = {"inputs": [{"name": CARRIER, "datatype": "BYTES", "shape": [3], "data": CARRIERS},
                       {"name": TEMP, "datatype": "FP64", "shape": [3], "data": [39.5, None, -3e3]},
                       {"name": ENGINE, "datatype": "BYTES", "shape": [3], "data": [""] * 3},
                       {"name": DISTANCE, "datatype": "INT64", "shape": [3], "data": DISTANCES}]}
    answer = service.client.post("/v2/models/flights/infer", json=body)
    return np.array(answer.json()["outputs"][1]["data"]).reshape(3, 2)


def test_health_and_metadata(service, address):
    with sync.InferenceServerClient(address) as client:
        served = str(service.served["flights"].id)
        assert client.is_server_live() and client.is_server_ready()
        assert client.is_model_ready("flights") and client.is_model_ready("flights", served)
        assert not client.is_model_ready("flights", "999") and not client.is_model_ready("unknown")
        assert client.get_server_metadata()["name"] == "progon"
        assert len(client.get_model_metadata("flights")["inputs"]) == 4
        assert client.get_inference_statistics("flights")["model_stats"][0]["version"] == served
        assert client.get_model_repository_index() == [
            {"name": "flights", "version": served, "state": "READY", "reason": ""}]
        client.load_model("flights")
        with pytest.raises(InferenceServerException, match="cannot be unloaded"):
            client.unload_model("flights")


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("packing", [None, "gzip", "deflate"])
def test_rows_in_both_forms_packed_or_not(service, address, binary, packing):
    with sync.InferenceServerClient(address) as client:
        answer = client.infer("flights", columns(sync, binary), request_compression_algorithm=packing,
                              response_compression_algorithm=packing)
        assert np.allclose(answer.as_numpy("probabilities"), expected(service))
        assert answer.as_numpy("prediction").tolist() == expected(service).argmax(axis=1).tolist()


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_an_answer_that_is_long_comes_packed_as_it_was_asked_for(service, address, binary, packing):
    tensors = []
    for each in columns(sync):
        tensor = sync.InferInput(each.name(), [600], each.datatype())
        values = {CARRIER: CARRIERS, TEMP: TEMPS, ENGINE: [""] * 3, DISTANCE: DISTANCES}[each.name()] * 200
        tensor.set_data_from_numpy(np.array(values, {"BYTES": object, "FP32": np.float32, "INT64": np.int64}[
            each.datatype()]))
        tensors.append(tensor)
    with sync.InferenceServerClient(address) as client:
        outputs = [sync.InferRequestedOutput(name, binary_data=binary) for name in ("prediction", "probabilities")]
        plain, packed = (client.infer("flights", tensors, outputs=outputs, response_compression_algorithm=each)
                         for each in (None, packing))
        assert np.array_equal(plain.as_numpy("probabilities"), packed.as_numpy("probabilities"))
        assert np.allclose(packed.as_numpy("probabilities")[:3], expected(service))


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("asked, coding", [("gzip, deflate", "gzip"), ("br, deflate;q=0.5", "deflate"),
                                           ("gzip;q=0", None), ("gzip; q=0.0, deflate", "deflate"), ("identity", None)])
def test_a_coding_that_nobody_wants_is_not_used(service, asked, coding, binary):
    tensors = [{"name": CARRIER, "datatype": "BYTES", "shape": [90], "data": CARRIERS * 30},
               {"name": TEMP, "datatype": "FP64", "shape": [90], "data": [1.5] * 90},
               {"name": ENGINE, "datatype": "BYTES", "shape": [90], "data": [""] * 90},
               {"name": DISTANCE, "datatype": "INT64", "shape": [90], "data": DISTANCES * 30}]
    body = {"parameters": {"binary_data_output": binary}, "inputs": tensors}
    answer = service.client.post("/v2/models/flights/infer", json=body, headers={"Accept-Encoding": asked})
    assert answer.headers.get("content-encoding") == coding
    head = answer.content[:int(answer.headers.get("inference-header-content-length", len(answer.content)))]
    assert [each["shape"] for each in json.loads(head)["outputs"]] == [[90], [90, 2]]
    assert (head != answer.content) is binary


@pytest.mark.parametrize("binary", [True, False])
def test_outputs_asked_for_by_name(service, address, binary):
    with sync.InferenceServerClient(address) as client:
        wanted = [sync.InferRequestedOutput("probabilities", binary_data=binary)]
        answer = client.infer("flights", columns(sync), outputs=wanted, request_id="mine")
        assert np.allclose(answer.as_numpy("probabilities"), expected(service))
        assert answer.as_numpy("prediction") is None and answer.get_response()["id"] == "mine"


def test_texts_as_answers(empty, address):
    empty.serve(make_task(Problem.MULTICLASS, "words"))
    with sync.InferenceServerClient(address) as client:
        answer = client.infer("words", columns(sync), outputs=[sync.InferRequestedOutput("prediction")])
        assert {value.decode() for value in answer.as_numpy("prediction")} <= {"вовремя", "late", 'cancelled, "sick"'}


def test_refusals_are_told_and_the_connection_goes_on(service, address):
    with sync.InferenceServerClient(address) as client:
        for model, version, words in (("unknown", "", "unknown"), ("flights", "999", "not loaded")):
            with pytest.raises(InferenceServerException, match=words):
                client.infer(model, columns(sync), model_version=version)
        with pytest.raises(InferenceServerException, match=CARRIER):
            client.infer("flights", columns(sync)[1:])
        assert client.infer("flights", columns(sync)).as_numpy("prediction").shape == (3,)


def test_the_asynchronous_client(service, address):
    async def ask() -> np.ndarray:
        async with aio.InferenceServerClient(address) as client:
            assert await client.is_model_ready("flights")
            answer = await client.infer("flights", columns(aio))
            with pytest.raises(InferenceServerException, match="unknown"):
                await client.infer("unknown", columns(aio))
            return answer.as_numpy("probabilities")

    assert np.allclose(asyncio.run(ask()), expected(service))


def test_many_clients_at_once(service, address):
    def ask(_: int) -> bool:
        with sync.InferenceServerClient(address) as client:
            return all(np.allclose(client.infer("flights", columns(sync, n_rows=1)).as_numpy("probabilities"), first)
                       for _ in range(5))

    first = expected(service)[:1]
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(16)))
