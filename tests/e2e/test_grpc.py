"""gRPC beside HTTP, in every process that answers."""
from __future__ import annotations

import socket
from collections.abc import Iterator

import grpc
import pytest
from google.protobuf.message import Message

from entrypoints.grpc import messages
from tests.builders import CARRIER, DISTANCE, ENGINE, TEMP
from tests.e2e.server import Server, free_port, wait_until, web
from tests.e2e.service import Workshop
from tests.http.grpc_server import call

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
INPUTS = [{"name": CARRIER, "datatype": "BYTES", "shape": [1], "contents": {"bytes_contents": [b"UA"]}},
          {"name": TEMP, "datatype": "FP32", "shape": [1], "contents": {"fp32_contents": [39.5]}},
          {"name": ENGINE, "datatype": "BYTES", "shape": [1], "contents": {"bytes_contents": [b""]}},
          {"name": DISTANCE, "datatype": "INT64", "shape": [1], "contents": {"int64_contents": [1400]}}]
WORKERS, CALLS = 2, 24


@pytest.fixture
def server(tmp_path) -> Iterator[Server]:
    made = Workshop(tmp_path)
    try:
        with Server(tmp_path, PROGON_WORKERS=WORKERS, PROGON_GRPC_PORT=free_port(),
                    PROGON_DASK_SCHEDULER="tcp://127.0.0.1:1") as server:
            server.start()
            wait_until(lambda: made.living_workers() == WORKERS, "all workers")
            yield server
    finally:
        made.close()


def ask(server: Server) -> Message:
    """Over a connection of its own, which the kernel gives to any of the workers."""
    with grpc.insecure_channel(f"127.0.0.1:{server.environment['PROGON_GRPC_PORT']}",
                               [("grpc.use_local_subchannel_pool", 1)]) as channel:
        return call(channel, "ModelInfer", messages.ModelInferRequest(model_name="small", inputs=INPUTS),
                    wait_for_ready=True)[0]


def test_every_process_answers_by_the_model_that_serves(server):
    assert {ask(server).model_version for _ in range(CALLS)} == {"1"}
    assert web.post(f"{server.url}/rollback?task=small", timeout=30).status_code == 409
    counted = [line for line in web.get(f"{server.url}/metrics").text.splitlines()
               if line.startswith("progon_requests_total") and "ModelInfer" in line]
    assert len(counted) == 1 and float(counted[0].split()[-1]) == CALLS
    wait_until(lambda: server.log.read_text().count("gRPC (inference.GRPCInferenceService) on") == WORKERS,
               "each process tells where it listens")
    kept = wait_until(lambda: web.get(f"{server.url}/predictions?task=small&limit=100").json()["predictions"],
                      "the answers in the log")
    assert kept[0]["route"] == "/inference.GRPCInferenceService/ModelInfer"
    assert server.stop() == 0


def test_a_port_that_is_taken_is_refused_in_words(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Server(tmp_path, PROGON_GRPC_PORT=port) as server:
            server.launch()
            assert server.process.wait(60) == 1
            assert f"PROGON_GRPC_PORT is {port}, which cannot be listened on" in server.log.read_text()
