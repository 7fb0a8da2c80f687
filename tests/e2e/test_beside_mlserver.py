"""The same questions of tritonclient to a live service and to a real MLServer with the very same model file.

Ours answers all of them; what MLServer does with those it cannot answer is held here, so that the table of docs/v2.md
stays true.
"""
from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import tritonclient.grpc as rpc
import tritonclient.grpc.aio as rpc_aio
import tritonclient.http as http
import tritonclient.http.aio as http_aio
from tritonclient.utils import InferenceServerException

from domain.provenance import model_path
from tests.builders import CARRIER, DISTANCE, ENGINE, TEMP
from tests.e2e.server import Server, free_port, web
from tests.e2e.small_task import put_small_task
from tests.mlserver_server import PYTHON, mlserver, needs_mlserver

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
MODEL, VERSION, CLIENTS = "small", "1", 16
DOCS = Path(__file__).parents[2] / "docs" / "v2.md"


@dataclass(frozen=True)
class Peer:
    name: str
    http_port: int
    grpc_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def http(self, module=http):
        return module.InferenceServerClient(f"127.0.0.1:{self.http_port}", **(
            {"concurrency": 1} if module is http else {}))

    def rpc(self, module=rpc):
        return module.InferenceServerClient(f"127.0.0.1:{self.grpc_port}")


@pytest.fixture(scope="module")
def peers(tmp_path_factory) -> Iterator[dict[str, Peer]]:
    folder = tmp_path_factory.mktemp("peers")
    container = put_small_task(folder / "home", commit_hash="abc")
    model = container.artifact_store().read(model_path(1))
    container.storage().close()
    with ExitStack() as running:
        server = running.enter_context(Server(folder / "home", PROGON_GRPC_PORT=(port := free_port()),
                                              PROGON_DASK_SCHEDULER="tcp://127.0.0.1:1"))
        server.start("/readyz")
        found = {"progon": Peer("progon", server.port, port)}
        if PYTHON:
            http_port, grpc_port, _ = running.enter_context(mlserver(folder, MODEL, VERSION, model))
            found["MLServer"] = Peer("MLServer", http_port, grpc_port)
        yield found


def columns(module, temp: float = -3.5, binary: bool | None = None) -> list:
    """Two rows. binary: None where the module has one form alone."""
    found = []
    for name, datatype, values in ((CARRIER, "BYTES", np.array(["UA", "ж"], object)),
                                   (TEMP, "FP32", np.array([39.5, temp], np.float32)),
                                   (ENGINE, "BYTES", np.array(["", "jet"], object)),
                                   (DISTANCE, "INT64", np.array([1400, 7], np.int64))):
        tensor = module.InferInput(name, [2], datatype)
        tensor.set_data_from_numpy(values, *([] if binary is None else [binary]))
        found.append(tensor)
    return found


PLAIN = [http.InferRequestedOutput("probabilities", binary_data=False)]


def shares(answer) -> np.ndarray:
    found = answer.as_numpy("probabilities")
    assert found.shape == (2, 2) and np.allclose(found.sum(axis=1), 1, atol=1e-5)
    return found


def as_json(peer: Peer, **more) -> np.ndarray:
    with peer.http() as client:
        return shares(client.infer(MODEL, columns(http, binary=False), outputs=PLAIN, **more))


def refused(ask: Callable[[], object], *words: str) -> None:
    with pytest.raises(InferenceServerException) as told:
        ask()
    assert all(word in str(told.value) for word in words), str(told.value)


def health_over_http(peer):
    with peer.http() as client:
        assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(MODEL)
        assert client.is_model_ready(MODEL, VERSION)
        assert not client.is_model_ready("unknown") and not client.is_model_ready(MODEL, "999")


def model_metadata(peer):
    with peer.http() as client:
        told = client.get_model_metadata(MODEL)
        assert told["versions"] == [VERSION]
        assert {each["name"] for each in told["inputs"]} == {CARRIER, TEMP, ENGINE, DISTANCE}
        assert [each["name"] for each in told["outputs"]] == ["prediction", "probabilities"]


def rows_as_json(peer):
    as_json(peer)


def nan_in_json(peer):
    with peer.http() as client:
        shares(client.infer(MODEL, columns(http, np.nan, False), outputs=PLAIN))


def binary_tensors(peer):
    with peer.http() as client:
        assert np.array_equal(shares(client.infer(MODEL, columns(http, np.nan, True))),
                              shares(client.infer(MODEL, columns(http, np.nan, True), outputs=PLAIN)))


def body_in_gzip(peer):
    as_json(peer, request_compression_algorithm="gzip")


def body_in_deflate(peer):
    as_json(peer, request_compression_algorithm="deflate")


def answer_in_gzip(peer):
    as_json(peer, response_compression_algorithm="gzip")
    tensors = [{"name": each.name(), "datatype": each.datatype(), "shape": [400], "data": values}
               for each, values in zip(columns(http, binary=False), (["UA"], [39.5], ["jet"], [7]), strict=True)
               for values in [values * 400]]
    told = web.post(f"{peer.url}/v2/models/{MODEL}/infer", json={"inputs": tensors},
                    headers={"Accept-Encoding": "gzip"})
    assert told.status_code == 200 and told.headers["content-encoding"] == "gzip"


def request_id(peer):
    with peer.http() as client:
        answer = client.infer(MODEL, columns(http, binary=False), outputs=PLAIN, request_id="mine")
        assert answer.get_response()["id"] == "mine"


def only_the_outputs_that_were_asked_for(peer):
    with peer.http() as client:
        answer = client.infer(MODEL, columns(http, binary=False), outputs=PLAIN)
        assert [each["name"] for each in answer.get_response()["outputs"]] == ["probabilities"]


def errors_of_a_model_and_a_version(peer):
    with peer.http() as client:
        refused(lambda: client.infer("unknown", columns(http, binary=False)), "404", "unknown")
        refused(lambda: client.infer(MODEL, columns(http, binary=False), "999"), "404", "999")


def a_missing_input_is_named_and_is_the_callers_fault(peer):
    with peer.http() as client:
        refused(lambda: client.infer(MODEL, columns(http, binary=False)[1:], outputs=PLAIN), "[4", CARRIER)
        shares(client.infer(MODEL, columns(http, binary=False), outputs=PLAIN))


def every_failure_is_an_error_in_its_form(peer):
    asked = [web.get(f"{peer.url}/v2/nothing"), web.get(f"{peer.url}/v2/models/{MODEL}/infer"),
             web.post(f"{peer.url}/v2/models/{MODEL}/infer", content=b"{"),
             web.post(f"{peer.url}/v2/models/{MODEL}/infer", content=b"{}")]
    assert [each.status_code for each in asked] == [404, 405, 400, 400]
    assert [list(each.json()) for each in asked] == [["error"]] * 4


def statistics(peer):
    as_json(peer)
    with peer.http() as client:
        assert client.get_inference_statistics(MODEL)["model_stats"][0]["inference_count"] >= 2


def repository_index(peer):
    with peer.http() as client:
        told, = client.get_model_repository_index()
        assert (told["name"], told["version"], told["state"]) == (MODEL, VERSION, "READY")


def load(peer):
    with peer.http() as client:
        client.load_model(MODEL)
        assert client.is_model_ready(MODEL)


def sixteen_clients_at_once(peer):
    first = as_json(peer)
    with ThreadPoolExecutor(CLIENTS) as pool:
        assert all(np.allclose(first, found) for found in pool.map(lambda _: as_json(peer), range(4 * CLIENTS)))


def asynchronous_client(peer):
    async def ask() -> None:
        async with peer.http(http_aio) as client:
            shares(await client.infer(MODEL, columns(http_aio, binary=False), outputs=PLAIN))
    asyncio.run(ask())


def grpc_asynchronous_client(peer):
    async def ask() -> None:
        async with peer.rpc(rpc_aio) as client:
            shares(await client.infer(MODEL, columns(rpc_aio)))
    asyncio.run(ask())


def grpc_health(peer):
    with peer.rpc() as client:
        assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(MODEL)


def grpc_of_an_unknown_model_is_not_ready(peer):
    with peer.rpc() as client:
        assert not client.is_model_ready("unknown")


def grpc_rows(peer):
    with peer.rpc() as client:
        answers = [client.infer(MODEL, columns(rpc, np.nan), compression_algorithm=packing)
                   for packing in (None, "gzip", "deflate")]
        assert all(np.array_equal(shares(answers[0]), shares(each)) for each in answers)


def grpc_metadata(peer):
    with peer.rpc() as client:
        told = client.get_model_metadata(MODEL)
        assert {each.name for each in told.inputs} == {CARRIER, TEMP, ENGINE, DISTANCE}


def grpc_configuration(peer):
    with peer.rpc() as client:
        assert [each.name for each in client.get_model_config(MODEL).config.output] == ["prediction", "probabilities"]


def grpc_statistics(peer):
    with peer.rpc() as client:
        assert client.get_inference_statistics(MODEL).model_stats[0].name == MODEL


def grpc_errors(peer):
    with peer.rpc() as client:
        refused(lambda: client.infer("unknown", columns(rpc)), "NOT_FOUND")
        refused(lambda: client.infer(MODEL, columns(rpc), "999"), "NOT_FOUND", "999")


def grpc_of_a_missing_input_is_an_invalid_argument(peer):
    with peer.rpc() as client:
        refused(lambda: client.infer(MODEL, columns(rpc)[1:]), "INVALID_ARGUMENT", CARRIER)


QUESTIONS = [
    health_over_http, model_metadata, rows_as_json, nan_in_json, binary_tensors, body_in_gzip, body_in_deflate,
    answer_in_gzip, request_id, only_the_outputs_that_were_asked_for, errors_of_a_model_and_a_version,
    a_missing_input_is_named_and_is_the_callers_fault, every_failure_is_an_error_in_its_form, statistics,
    repository_index, load, sixteen_clients_at_once, asynchronous_client, grpc_asynchronous_client, grpc_health,
    grpc_of_an_unknown_model_is_not_ready, grpc_rows, grpc_metadata, grpc_configuration, grpc_statistics, grpc_errors,
    grpc_of_a_missing_input_is_an_invalid_argument]
# The question, and the words for it in docs/v2.md, as far as MLServer answers it otherwise.
DIFFERENCES: dict[Callable[[Peer], None], str] = {
    model_metadata: "Model metadata",
    nan_in_json: "`NaN` in JSON",
    binary_tensors: "Binary tensors",
    body_in_deflate: "Bodies in deflate",
    only_the_outputs_that_were_asked_for: "Outputs asked for by name",
    a_missing_input_is_named_and_is_the_callers_fault: "A missing input",
    every_failure_is_an_error_in_its_form: "Failures",
    asynchronous_client: "The asynchronous client over HTTP",
    statistics: "Statistics",
    repository_index: "Repository index",
    grpc_of_an_unknown_model_is_not_ready: "An unknown model asked for over gRPC",
    grpc_metadata: "Model metadata",
    grpc_configuration: "`ModelConfig`, `ModelStatistics`",
    grpc_statistics: "`ModelConfig`, `ModelStatistics`",
    grpc_of_a_missing_input_is_an_invalid_argument: "A missing input",
}


@pytest.mark.parametrize("ask", QUESTIONS, ids=lambda ask: ask.__name__)
def test_ours_answers(peers, ask):
    ask(peers["progon"])


@needs_mlserver
@pytest.mark.parametrize("ask", QUESTIONS, ids=lambda ask: ask.__name__)
def test_mlserver_answers_what_the_docs_say_it_does(peers, ask):
    if ask not in DIFFERENCES:
        return ask(peers["MLServer"])
    with pytest.raises((AssertionError, InferenceServerException, KeyError)):
        ask(peers["MLServer"])


@needs_mlserver
def test_both_answer_alike(peers):
    ours, theirs = (as_json(peer) for peer in peers.values())
    assert np.allclose(ours, theirs, atol=1e-6)


def test_the_docs_name_each_difference():
    told = DOCS.read_text(encoding="utf-8")
    assert [words for words in DIFFERENCES.values() if words not in told] == []
