"""A live `progon serve` against what people write by hand: FastAPI, pydantic, pandas, CatBoost (benchmarks.handmade).

    python -m benchmarks.forward [--requests 2000] [--rows 100000] [--files 5] [--kept 1.0] [--peers]   (more: --help)

Both models learn the same 47,000 flights, categories included, with as many trees of the same depth: ours by the
product's own training, the other by CatBoost with its own categories. Both servers are processes of their own:
uvicorn with uvloop and httptools, one worker, one thread a row. Requests, or slices of seconds, go to them by turns, so
that the machine's noise is nobody's alone. Ours keeps each answer in its prediction log and counts it, and tells faults
by column; the other keeps and counts nothing.

--peers: `mlflow models serve` too, installed from the package index into a virtual environment under build/peers.
"""
from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from benchmarks import load
from benchmarks.big_csv import high_water_bytes
from benchmarks.flights import Flights, Trained, read_flights, train_native, train_ours
from benchmarks.headline import Headline
from domain.deployment import Deployment
from domain.task import Task
from entrypoints.settings import Settings
from entrypoints.wiring.container import make_container
from tests.e2e.server import Server, free_port, wait_until
from tests.e2e.small_task import put_experiment

# Nothing is trained by the service here, so no engine for it is started.
NO_ENGINE = "tcp://127.0.0.1:1"
ROOT = Path(__file__).parents[1]
OURS, BY_HAND, WITHOUT_PANDAS = "progon serve", "FastAPI + pandas", "FastAPI, no pandas"
CLIENTS, WARM_UP, BURST, BODIES = 8, 200, 50, 1_000


@dataclass(frozen=True, slots=True)
class Peer:
    """One way of asking for a row. wrapped: makes of a row's JSON the body that this server wants."""

    name: str
    port: int
    process: psutil.Process
    path: str = "/forward"
    wrapped: Callable[[bytes], bytes] = bytes


def main() -> list[Headline]:
    arguments = read_arguments()
    flights = read_flights()
    with tempfile.TemporaryDirectory(prefix="progon-bench-") as folder, ExitStack() as running:
        native = Path(folder) / "model.cbm"
        trained = train(flights, native)
        peers = [running.enter_context(ours(Path(folder) / "home", flights.task, trained, arguments.kept)),
                 *running.enter_context(by_hand(native))]
        if arguments.peers:
            from benchmarks.mlflow_peer import serving
            peers.append(Peer(*running.enter_context(serving(native, Path(folder)))))
        return [*latencies(peers, flights.bodies(BODIES), arguments.requests),
                *rates(peers, flights.bodies(BODIES), arguments.clients, arguments.rounds, arguments.seconds),
                *memory([peer for peer in peers if peer.name != WITHOUT_PANDAS], "after single rows"),
                *files(peers[:2], flights.csv(arguments.rows), arguments.rows, arguments.files),
                *memory(peers[:2], f"after files of {arguments.rows:,} rows")]


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2_000, help="single rows to each, one client")
    parser.add_argument("--clients", type=int, default=CLIENTS, help="that ask at once")
    parser.add_argument("--rounds", type=int, default=5, help="slices of time to each, many clients")
    parser.add_argument("--seconds", type=int, default=2, help="of one slice")
    parser.add_argument("--rows", type=int, default=100_000, help="of the CSV file")
    parser.add_argument("--files", type=int, default=5, help="how often it is sent to each")
    parser.add_argument("--kept", type=float, default=1.0, help="share of a file's rows that our prediction log keeps")
    parser.add_argument("--peers", action="store_true", help="install and ask mlflow too")
    return parser.parse_args()


def train(flights: Flights, native: Path) -> Trained:
    began = time.perf_counter()
    trained = train_ours(flights)
    between = time.perf_counter()
    theirs = train_native(flights, trained.trees, native)
    print(f"{flights.parts.train.n_rows:,} flights, {trained.trees} trees; "
          f"AUC on {flights.parts.test.n_rows:,} others, time of training:", flush=True)
    for name, auc, took_s in (("progon", trained.metrics["test"]["auc"], between - began),
                              ("CatBoost, native", theirs["auc"], time.perf_counter() - between)):
        print(f"  {name:20} {auc:.4f}  {took_s:3.0f} s", flush=True)
    return trained


@contextmanager
def ours(home: Path, task: Task, trained: Trained, kept: float, **settings: object) -> Iterator[Peer]:
    container = make_container(Settings(home=home, commit_hash="benchmark"))
    container.storage().migrate()
    container.task_catalog().add(task)
    experiment = put_experiment(container, task, trained.model, dict(trained.metrics))
    now = container.clock().now()
    container.deployment_log().append(task.name, lambda _: Deployment(
        task.name, experiment.id, None, 1, now))
    container.storage().close()
    with Server(home, PROGON_DASK_SCHEDULER=NO_ENGINE, PROGON_LOG_LEVEL="warning",
                PROGON_PREDICTION_LOG_SHARE=kept, **settings) as server:
        server.start("/readyz")
        yield Peer(OURS, server.port, psutil.Process(server.process.pid))


@contextmanager
def by_hand(native: Path) -> Iterator[list[Peer]]:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "benchmarks.handmade:app", "--port", str(port), "--loop", "uvloop", "--http",
         "httptools", "--no-access-log", "--log-level", "warning"], cwd=ROOT, env=os.environ | {"MODEL": str(native)})
    try:
        wait_until(lambda: ready(server, f"http://127.0.0.1:{port}/readyz"), "the service written by hand")
        process = psutil.Process(server.pid)
        yield [Peer(BY_HAND, port, process), Peer(WITHOUT_PANDAS, port, process, "/forward_without_pandas")]
    finally:
        server.terminate()
        server.wait(60)


def ready(server: subprocess.Popen, url: str) -> bool:
    if server.poll() is not None:
        raise SystemExit(f"a server ended with {server.returncode}")
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def latencies(peers: Sequence[Peer], bodies: Sequence[bytes], requests: int) -> Iterator[Headline]:
    """One client; bursts by turns in an order of their own, so that what a server does after an answer is its own."""
    clients = [load.Client(peer.port, peer.path) for peer in peers]
    found: list[list[float]] = [[] for _ in peers]
    for start in range(0, WARM_UP + requests, BURST):
        for place in random.sample(range(len(peers)), len(peers)):
            taken = [clients[place].ask_s(peers[place].wrapped(bodies[number % len(bodies)])) * 1e3
                     for number in range(start, start + BURST)]
            found[place] += taken if start >= WARM_UP else []
    for client in clients:
        client.close()
    print(f"\n{len(found[0]):,} single rows to each, one client, bursts of {BURST} by turns, ms")
    for peer, taken in zip(peers, found, strict=True):
        print(f"  {peer.name:20} a tenth below {statistics.quantiles(taken, n=10)[0]:6.2f}   "
              f"median {statistics.median(taken):6.2f}   99 of 100 within {p99(taken):6.2f}", flush=True)
    yield from against("POST /forward, median", "ms", peers, list(map(statistics.median, found)))
    yield from against("POST /forward, 99 of 100 within", "ms", peers[:2], list(map(p99, found[:2])))


def p99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100)[-1]


def rates(peers: Sequence[Peer], bodies: Sequence[bytes], clients: int, rounds: int, seconds: int
          ) -> Iterator[Headline]:
    """Many clients; slices of time by turns, after each of which the peer has written down what it keeps."""
    found: list[list[float]] = [[] for _ in peers]
    wrapped = [list(map(peer.wrapped, bodies)) for peer in peers]
    for _ in range(rounds):
        for place in random.sample(range(len(peers)), len(peers)):
            peer = peers[place]
            found[place].append(load.requests_a_second(peer.port, peer.path, wrapped[place], clients, seconds))
            settle(peers[0])
    print(f"\nrequests a second, {clients} clients by {'wrk' if load.WRK else 'threads of Python'}, "
          f"{rounds} slices of {seconds} s to each: median (least, most)")
    for peer, rate in zip(peers, found, strict=True):
        print(f"  {peer.name:20} {statistics.median(rate):7,.0f}  ({min(rate):,.0f}, {max(rate):,.0f})")
    yield from against(f"POST /forward, {clients} clients", "rows/s", peers, list(map(statistics.median, found)), True)


def settle(peer: Peer) -> None:
    """Until the prediction log is in the database: it shall not be shipped in another's slice."""
    url = f"http://127.0.0.1:{peer.port}/metrics"
    wait_until(lambda: "progon_prediction_log_backlog_rows 0.0" in httpx.get(url).text, "an empty backlog", 120)


def files(peers: Sequence[Peer], content: bytes, rows: int, times: int) -> Iterator[Headline]:
    found: Mapping[str, list[float]] = {peer.name: [] for peer in peers}
    for _ in range(times):
        for peer in random.sample(peers, len(peers)):
            found[peer.name].append(file_s(peer, content, rows))
            settle(peers[0])
    print(f"\nPOST /forward_batch, {rows:,} rows of CSV ({len(content) / 1e6:.0f} MB), CSV back, seconds: {times} each")
    for name, taken in found.items():
        print(f"  {name:20} median {statistics.median(taken):6.2f}  ({', '.join(f'{one:.2f}' for one in taken)})")
    yield from against(f"POST /forward_batch, {rows:,} rows", "s", peers, list(map(statistics.median, found.values())))


def file_s(peer: Peer, content: bytes, rows: int) -> float:
    began = time.perf_counter()
    answer = httpx.post(f"http://127.0.0.1:{peer.port}/forward_batch", files={"file": ("flights.csv", content)},
                        headers={"Accept": "text/csv"}, timeout=600)
    took_s = time.perf_counter() - began
    if answer.status_code != 200 or answer.content.count(b"\n") != rows + 1:
        raise SystemExit(f"{peer.name}: {answer.status_code}, {answer.content[:500]!r}")
    return took_s


def memory(peers: Sequence[Peer], when: str) -> Iterator[Headline]:
    """The most that was resident, of all processes of a service; what is resident where the kernel keeps no peak."""
    found = [sum(max(high_water_bytes(one.pid), one.memory_info().rss)
                 for one in (peer.process, *peer.process.children(recursive=True))) / 2**20 for peer in peers]
    print(f"\npeak memory {when}: " + ", ".join(
        f"{peer.name} {size:,.0f} MiB" for peer, size in zip(peers, found, strict=True)))
    yield from against(f"peak memory {when}", "MiB", peers, found)


def against(what: str, unit: str, peers: Sequence[Peer], values: Sequence[float], more: bool = False
            ) -> Iterator[Headline]:
    """The first beside each of the others."""
    for peer, value in zip(peers[1:], values[1:], strict=True):
        yield Headline(what, unit, values[0], peer.name, value, more)


if __name__ == "__main__":
    main()
