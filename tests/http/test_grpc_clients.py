"""The Open Inference Protocol over gRPC as its usual client speaks it: tritonclient."""
from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
import tritonclient.grpc as sync
import tritonclient.grpc.aio as aio
from tritonclient.utils import InferenceServerException

from domain.kinds.kind import Problem
from tests.builders import CARRIER, DISTANCE, ENGINE, TEMP, make_task
from tests.http.grpc_server import grpc_server
from tests.http.test_v2_clients import CARRIERS, DISTANCES, TEMPS, expected


@pytest.fixture
def address(service) -> Iterator[str]:
    with grpc_server(service) as address:
        yield address


def columns(module, n_rows: int = 3) -> list:
    found = []
    for name, datatype, values in ((CARRIER, "BYTES", np.array(CARRIERS[:n_rows], dtype=object)),
                                   (TEMP, "FP32", np.array(TEMPS[:n_rows], dtype=np.float32)),
                                   (ENGINE, "BYTES", np.array([""] * n_rows, dtype=object)),
                                   (DISTANCE, "INT64", np.array(DISTANCES[:n_rows], dtype=np.int64))):
        tensor = module.InferInput(name, [n_rows], datatype)
        tensor.set_data_from_numpy(values)
        found.append(tensor)
    return found


def test_health_and_metadata(service, address):
    with sync.InferenceServerClient(address) as client:
        served = str(service.served["flights"].id)
        assert client.is_server_live() and client.is_server_ready()
        assert client.is_model_ready("flights") and client.is_model_ready("flights", served)
        assert not client.is_model_ready("flights", "999")
        assert client.get_server_metadata().name == "progon"
        described = client.get_model_metadata("flights", as_json=True)
        assert described == service.client.get("/v2/models/flights").json() | {
            side: [tensor | {"shape": [str(size) for size in tensor["shape"]]}
                   for tensor in service.client.get("/v2/models/flights").json()[side]]
            for side in ("inputs", "outputs")}
        config = client.get_model_config("flights").config
        assert [(each.name, each.data_type, list(each.dims)) for each in config.output] == [
            ("prediction", 9, [-1]), ("probabilities", 11, [-1, 2])]
        assert {each.name: each.data_type for each in config.input}[CARRIER] == 13
        told = client.get_inference_statistics("flights", as_json=True)
        assert told["model_stats"][0]["version"] == served
        index = client.get_model_repository_index()
        assert [(model.name, model.version, model.state) for model in index.models] == [("flights", served, "READY")]
        client.load_model("flights")
        with pytest.raises(InferenceServerException, match="cannot be unloaded"):
            client.unload_model("flights")


def test_statistics_count_what_was_answered(service, address):
    with sync.InferenceServerClient(address) as client:
        client.infer("flights", columns(sync))
        told = client.get_inference_statistics("flights").model_stats[0]
        assert (told.inference_count, told.execution_count, told.inference_stats.success.count) == (3, 1, 1)
        assert told.inference_stats.compute_infer.ns > 0


@pytest.mark.parametrize("packing", [None, "gzip", "deflate"])
def test_rows_packed_or_not(service, address, packing):
    with sync.InferenceServerClient(address) as client:
        answer = client.infer("flights", columns(sync), compression_algorithm=packing)
        assert np.allclose(answer.as_numpy("probabilities"), expected(service))
        assert answer.as_numpy("prediction").tolist() == expected(service).argmax(axis=1).tolist()


def test_outputs_asked_for_by_name(service, address):
    with sync.InferenceServerClient(address) as client:
        answer = client.infer("flights", columns(sync), outputs=[sync.InferRequestedOutput("probabilities")],
                              request_id="mine", model_version=str(service.served["flights"].id))
        assert np.allclose(answer.as_numpy("probabilities"), expected(service))
        assert answer.as_numpy("prediction") is None and answer.get_response().id == "mine"


def test_texts_as_answers(empty, address):
    empty.serve(make_task(Problem.MULTICLASS, "words"))
    with sync.InferenceServerClient(address) as client:
        answer = client.infer("words", columns(sync), outputs=[sync.InferRequestedOutput("prediction")])
        assert {value.decode() for value in answer.as_numpy("prediction")} <= {"вовремя", "late", 'cancelled, "sick"'}


def test_refusals_are_told_and_the_connection_goes_on(service, address):
    with sync.InferenceServerClient(address) as client:
        for model, version, words in (("unknown", "", "unknown"), ("flights", "999", "not loaded")):
            with pytest.raises(InferenceServerException, match=words) as failure:
                client.infer(model, columns(sync), model_version=version)
            assert failure.value.status() == "StatusCode.NOT_FOUND"
        with pytest.raises(InferenceServerException, match=CARRIER):
            client.infer("flights", columns(sync)[1:])
        with pytest.raises(InferenceServerException, match="is unknown"):
            client.infer("flights", columns(sync), priority=1)
        assert client.infer("flights", columns(sync)).as_numpy("prediction").shape == (3,)


def test_a_stream_is_refused_in_words(service, address):
    came: list[InferenceServerException] = []
    with sync.InferenceServerClient(address) as client:
        client.start_stream(lambda result, error: came.append(error))
        with suppress(InferenceServerException):  # the refusal may be there before anything is sent
            client.async_stream_infer("flights", columns(sync))
        client.stop_stream()
    assert "ModelStreamInfer is not offered" in str(came[0])


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
            return all(np.allclose(client.infer("flights", columns(sync, 1)).as_numpy("probabilities"), first)
                       for _ in range(5))

    first = expected(service)[:1]
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(16)))
