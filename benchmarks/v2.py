"""The Open Inference Protocol: a row by V2 against POST /forward, many rows against MLServer with the same model file.

    python -m benchmarks.v2 [--requests 1000] [--rows 10000] [--mlserver PYTHON] [--peers]

One client, by turns, connections that stay open. Rows go as binary tensors, as JSON and over gRPC; MLServer, which
takes no binary tensors over HTTP, gets JSON and gRPC. It runs our file by onnxruntime with one thread, in one process,
without a log. Many rows are asked for once in a turn, when everything is cold, and five times in a row, of two models:
flights (7 columns of texts, trees) and a logistic regression of 30 numbers. --mlserver: a Python that has mlserver and
onnxruntime; --peers makes one under build/peers.
"""
from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType

import httpx
import msgspec
import numpy as np
import tritonclient.grpc as rpc
import tritonclient.http as http

from benchmarks import load
from benchmarks.flights import Trained, read_flights, train_ours
from benchmarks.forward import BODIES, Peer, ours, settle
from benchmarks.headline import Headline
from benchmarks.numbers import train_numbers
from domain.columns import ColumnType
from domain.table import Table
from domain.task import Task
from tests.e2e.server import free_port
from tests.mlserver_server import PACKAGES, mlserver

FOLDER = Path(__file__).parents[1] / "build" / "peers" / "mlserver"
RAW, FORWARD, BINARY, JSON, GRPC = "V2, binary, sent raw", "POST /forward", "V2, binary", "V2, JSON", "V2, gRPC"
MLSERVER_JSON, MLSERVER_GRPC, MLSERVER_RAW = "MLServer, JSON", "MLServer, gRPC", "MLServer, JSON, sent raw"
BURST, MANY_BURST, WARM_UP = 10, 5, 50
# A connection that waits for its turn for longer is opened anew: the servers keep one for five seconds.
KEPT_S = 3.0
Ask = Callable[[int], object]


def main() -> list[Headline]:
    arguments = read_arguments()
    python = arguments.mlserver or (str(installed()) if arguments.peers else "")
    flights = read_flights()
    trained = train_ours(flights)
    with asking(flights.task, trained, flights.later_rows(arguments.rows), python) as ask:
        found = [*one_row(ask, flights.bodies(BODIES), arguments.requests), *many_rows(ask, arguments.rows)]
    with asking(*train_numbers(arguments.rows), python) as ask:
        return [*found, *many_rows(ask, arguments.rows)]


@contextmanager
def asking(task: Task, trained: Trained, rows: Table, python: str) -> Iterator[Asking]:
    """Of both servers with this model. rows: to ask. python: that has MLServer; empty: ours alone."""
    with tempfile.TemporaryDirectory(prefix="progon-bench-") as folder, ExitStack() as running:
        port = free_port()
        peer = running.enter_context(ours(Path(folder) / "home", task, trained, 1.0, PROGON_GRPC_PORT=port))
        theirs = running.enter_context(mlserver(
            Path(folder), task.name, "1", trained.model, python)) if python else None
        yield Asking(task, rows, peer, port, theirs and theirs[0], theirs and theirs[1])


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_000, help="single rows each way")
    parser.add_argument("--rows", type=int, default=10_000, help="of one call")
    parser.add_argument("--mlserver", default="", help="a Python that has mlserver and onnxruntime")
    parser.add_argument("--peers", action="store_true", help="install MLServer and ask it too")
    return parser.parse_args()


def installed() -> Path:
    """Returns: its Python. It is installed once, from the index that pip is set to."""
    python, done = FOLDER / "bin" / "python", FOLDER / "installed"
    if not done.exists():
        print(f"installing {', '.join(PACKAGES)} into {FOLDER}, a minute", flush=True)
        venv.create(FOLDER, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", *PACKAGES],
                       check=True)
        done.touch()
    return python


class Sender:
    """Sends the same body again and again."""

    def __init__(self, port: int, path: str, body: bytes, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self._connect = lambda: load.Client(port, path, headers)
        self._client, self._body, self._asked_at = self._connect(), body, time.monotonic()

    def __call__(self, number: int) -> float:
        if time.monotonic() - self._asked_at > KEPT_S:
            self._client = self._connect()
        took_s, self._asked_at = self._client.ask_s(self._body), time.monotonic()
        return took_s


class Asking:
    """Clients of both servers, and what they send."""

    def __init__(self, task: Task, rows: Table, peer: Peer, grpc_port: int, their_port: int | None,
                 their_grpc_port: int | None) -> None:
        self.peer, port = peer, peer.port
        self._features, self._rows, self.task = task.schema.features, rows, task.name
        self._path = f"/v2/models/{self.task}/infer"
        self.http = http.InferenceServerClient(f"127.0.0.1:{port}")
        self.rpc = rpc.InferenceServerClient(f"127.0.0.1:{grpc_port}")
        self.web, self.port, self.their_port = httpx.Client(timeout=600), port, their_port
        self.their_rpc = rpc.InferenceServerClient(f"127.0.0.1:{their_grpc_port}") if their_grpc_port else None

    def columns(self, rows: int) -> Iterator[tuple[str, str, np.ndarray]]:
        """(name, type, [rows]) of the first rows."""
        table = self._rows.take(slice(0, rows))
        for column in self._features:
            texts = column.type is ColumnType.CATEGORY
            yield column.name, "BYTES" if texts else "FP32", table[column.name].astype(object if texts else np.float32)

    def by_binary(self, rows: int) -> Ask:
        inputs = self._inputs(http, rows)
        return lambda _: self.http.infer(self.task, inputs).as_numpy("probabilities")

    def by_grpc(self, rows: int, client: rpc.InferenceServerClient) -> Ask:
        inputs = self._inputs(rpc, rows)
        return lambda _: client.infer(self.task, inputs).as_numpy("probabilities")

    def by_json(self, rows: int, port: int) -> Ask:
        body = self._json(rows)
        return lambda _: msgspec.json.decode(self._posted(port, body))

    def _json(self, rows: int) -> bytes:
        """A missing number is 0 here, as MLServer takes neither NaN nor null in a tensor of floats."""
        return msgspec.json.encode({"inputs": [
            {"name": name, "datatype": datatype, "shape": [rows],
             "data": (values if datatype == "BYTES" else np.nan_to_num(values)).tolist()}
            for name, datatype, values in self.columns(rows)]})

    def raw(self, rows: int) -> Ask:
        """The very bytes that tritonclient sends, by the client that asks /forward: it is the servers that are
        compared."""
        body, json_bytes = http.InferenceServerClient.generate_request_body(self._inputs(http, rows))
        return Sender(self.port, self._path, body, {"Inference-Header-Content-Length": str(json_bytes)})

    def their_raw(self, rows: int, port: int) -> Ask:
        return Sender(port, self._path, self._json(rows))

    def _posted(self, port: int, body: bytes) -> bytes:
        answer = self.web.post(f"http://127.0.0.1:{port}{self._path}", content=body, headers={
            "Content-Type": "application/json", "Accept-Encoding": "identity"})
        if answer.status_code != 200:
            raise SystemExit(f"{answer.status_code}: {answer.text[:500]}")
        return answer.content

    def _inputs(self, module, rows: int) -> list:
        tensors = []
        for name, datatype, values in self.columns(rows):
            tensor = module.InferInput(name, [rows], datatype)
            tensor.set_data_from_numpy(values)
            tensors.append(tensor)
        return tensors

    def ways(self, rows: int) -> dict[str, Ask]:
        found = {BINARY: self.by_binary(rows), JSON: self.by_json(rows, self.port), GRPC: self.by_grpc(rows, self.rpc)}
        if self.their_port and self.their_rpc:
            found |= {MLSERVER_JSON: self.by_json(rows, self.their_port),
                      MLSERVER_GRPC: self.by_grpc(rows, self.their_rpc)}
        return found


def one_row(ask: Asking, bodies: Sequence[bytes], requests: int) -> Iterator[Headline]:
    print(f"{requests:,} single rows each way, one client, bursts of {BURST} by turns, medians in ms")
    ways = {**ask.ways(1), RAW: ask.raw(1), FORWARD: forward(ask, bodies)}
    medians = told(by_turns(ways, requests, BURST))
    yield Headline("a row, answers a second by one client", "1/s", 1e3 / medians[RAW], FORWARD,
                   1e3 / medians[FORWARD], more_is_better=True)
    if MLSERVER_JSON in medians:
        yield Headline("a row by V2, binary", "ms", medians[BINARY], MLSERVER_JSON, medians[MLSERVER_JSON])
        yield Headline("a row by gRPC", "ms", medians[GRPC], MLSERVER_GRPC, medians[MLSERVER_GRPC])


def forward(ask: Asking, bodies: Sequence[bytes]) -> Ask:
    client = load.Client(ask.port, f"/forward?task={ask.task}")
    return lambda number: client.ask_s(bodies[number % len(bodies)])


def many_rows(ask: Asking, rows: int) -> Iterator[Headline]:
    print(f"{rows:,} rows a call of {ask.task}, by turns, medians in ms")
    ways = {**ask.ways(rows), RAW: ask.raw(rows)}
    if ask.their_port:
        ways[MLSERVER_RAW] = ask.their_raw(rows, ask.their_port)
    for burst in (1, MANY_BURST):
        print(f"  {burst} in a turn")
        # What ours keeps is not brought into the database in another's turn.
        medians = told(by_turns(ways, 15 * burst, burst, lambda: settle(ask.peer), warm_up=burst))
        if MLSERVER_JSON in medians:
            what = f"{rows:,} rows of {ask.task}, {burst} in a turn, by"
            yield Headline(f"{what} V2, binary, sent raw", "ms", medians[RAW], MLSERVER_RAW, medians[MLSERVER_RAW])
            yield Headline(f"{what} V2, binary", "ms", medians[BINARY], MLSERVER_JSON, medians[MLSERVER_JSON])
            yield Headline(f"{what} gRPC", "ms", medians[GRPC], MLSERVER_GRPC, medians[MLSERVER_GRPC])


def by_turns(ways: Mapping[str, Ask], times: int, burst: int, between: Callable[[], None] = lambda: None,
             warm_up: int = WARM_UP) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in ways}
    for start in range(0, warm_up + times, burst):
        for name in random.sample(list(ways), len(ways)):
            taken = [timed(ways[name], number) for number in range(start, start + burst)]
            between()
            found[name] += taken if start >= warm_up else []
    return found


def timed(ask: Ask, number: int) -> float:
    began = time.perf_counter()
    ask(number)
    return (time.perf_counter() - began) * 1e3


def told(found: Mapping[str, Sequence[float]]) -> dict[str, float]:
    medians = {name: statistics.median(taken) for name, taken in found.items()}
    for name, median in medians.items():
        print(f"  {name:24} {median:8.2f}", flush=True)
    return medians


if __name__ == "__main__":
    main()
