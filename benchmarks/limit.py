"""A live `progon serve` against the barest server of the same model file (benchmarks.raw_asgi): one row, its limits.

    python -m benchmarks.limit [--rounds 5] [--seconds 3] [--watch 20] [--model model.onnx]

Both serve one file, the flights of the demo, from one process each, uvicorn with uvloop and httptools. Slices of time
with 16 connections and bursts of one go to them by turns; then both are asked 1,000 times a second at the same time,
and answers that took longer than 20 ms are counted, those that both servers have being the machine's. Ours keeps,
counts and looks at each answer; the other does nothing but answer.
"""
from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from benchmarks import load
from benchmarks.flights import Flights, Trained, read_flights, train_ours
from benchmarks.forward import BODIES, ROOT, WARM_UP, Peer, against, latencies, ours, ready, settle
from benchmarks.headline import Headline
from benchmarks.stalls import STALL_S, watch
from tests.e2e.server import free_port, wait_until

RAW, CLIENTS, RATE = "raw ASGI + onnxruntime", 16, 1_000


def main() -> list[Headline]:
    arguments = read_arguments()
    flights = read_flights()
    with tempfile.TemporaryDirectory(prefix="progon-bench-") as folder, ExitStack() as running:
        trained = Trained(arguments.model.read_bytes(), {}, 0) if arguments.model else train_ours(flights)
        model = Path(folder) / "model.onnx"
        model.write_bytes(trained.model)
        peers = [running.enter_context(ours(Path(folder) / "home", flights.task, trained, 1.0)),
                 running.enter_context(raw(model))]
        return measure(flights, peers, arguments)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help=f"slices of time to each, {CLIENTS} connections")
    parser.add_argument("--seconds", type=int, default=3, help="of one slice")
    parser.add_argument("--requests", type=int, default=2_000, help="single rows to each, one connection")
    parser.add_argument("--watch", type=float, default=20, help="seconds in which stalls are counted")
    parser.add_argument("--model", type=Path, help="a file for the flights; without it one is trained")
    return parser.parse_args()


@contextmanager
def raw(model: Path) -> Iterator[Peer]:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "benchmarks.raw_asgi:app", "--port", str(port), "--loop", "uvloop", "--http",
         "httptools", "--no-access-log", "--log-level", "warning"], cwd=ROOT, env=os.environ | {"MODEL": str(model)},
        start_new_session=True)  # as ours is: sessions are what a busy kernel shares a processor between
    try:
        wait_until(lambda: ready(server, f"http://127.0.0.1:{port}/readyz"), "the raw server")
        yield Peer(RAW, port, psutil.Process(server.pid))
    finally:
        server.terminate()
        server.wait(60)


def measure(flights: Flights, peers: Sequence[Peer], arguments: argparse.Namespace) -> list[Headline]:
    bodies = flights.bodies(BODIES)
    print(f"load of the machine before: {os.getloadavg()[0]:.1f}", flush=True)
    return [*latencies(peers, bodies, arguments.requests),
            *rates(peers, bodies, arguments.rounds, arguments.seconds),
            *stalled(peers, bodies, arguments.watch), *resident(peers)]


def rates(peers: Sequence[Peer], bodies: Sequence[bytes], rounds: int, seconds: int) -> Iterator[Headline]:
    found: list[list[load.Load]] = [[] for _ in peers]
    for peer in peers:
        load.under_load(peer.port, peer.path, bodies[:WARM_UP], CLIENTS, 1)
    for _ in range(rounds):
        for place in random.sample(range(len(peers)), len(peers)):
            settle(peers[0])
            found[place].append(load.under_load(peers[place].port, peers[place].path, bodies, CLIENTS, seconds))
    print(f"\n{CLIENTS} connections, {rounds} slices of {seconds} s to each, medians")
    middle = [[statistics.median(getattr(one, name) for one in slices) for slices in found]
              for name in ("rate", "median_s", "p99_s")]
    for peer, rate, median_s, p99_s in zip(peers, *middle, strict=True):
        print(f"  {peer.name:24} {rate:7,.0f} answers/s   median {median_s * 1e3:5.2f} ms   "
              f"99 of 100 within {p99_s * 1e3:6.2f} ms, {p99_s / median_s:.1f} medians", flush=True)
    yield from against(f"POST /forward, {CLIENTS} connections", "rows/s", peers, middle[0], True)
    yield from against("the same, 99 of 100 within", "ms", peers, [one * 1e3 for one in middle[2]])


def stalled(peers: Sequence[Peer], bodies: Sequence[bytes], seconds: float) -> Iterator[Headline]:
    watched = watch([(peer.port, peer.path) for peer in peers], bodies, seconds, RATE)
    print(f"\n{RATE} rows a second to both at once, {seconds:g} s")
    for peer, one in zip(peers, watched, strict=True):
        longest = ", ".join(f"{stall * 1e3:.0f}" for stall in one.stalls_s[:8])
        print(f"  {peer.name:24} {len(one.stalls_s)} answers above {STALL_S * 1e3:.0f} ms ({longest}); "
              f"median {one.median_s * 1e3:.2f} ms, 99 of 100 within {one.p99_s * 1e3:.2f} ms")
    yield from against("the longest of them", "ms", peers, [max(one.taken_s) * 1e3 for one in watched])


def resident(peers: Sequence[Peer]) -> Iterator[Headline]:
    found = [sum(one.memory_info().rss for one in (peer.process, *peer.process.children(recursive=True))) / 2**20
             for peer in peers]
    processes = [peer.process.memory_info().rss / 2**20 for peer in peers]
    print("\nresident: " + ", ".join(f"{peer.name} {own:,.0f} MiB, with its children {all_:,.0f}" for peer, own, all_
                                     in zip(peers, processes, found, strict=True)))
    yield from against("resident after it, all processes", "MiB", peers, found)


if __name__ == "__main__":
    main()
