"""What keeping, counting and telling each answer costs `POST /forward`, over HTTP, side by side in one server process.

    python -m benchmarks.prediction_log [requests] [clients]

One server holds three applications that share a model and differ in what is wrapped around it; each request says by a
header which one it is for, and every client goes round them, so that all meet the same machine. Printed is the
median latency of each and their ratios.
"""
from __future__ import annotations

import argparse
import logging
import multiprocessing
import random
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import msgspec
import uvicorn

from application.ports.prediction_log import AnsweredRows, PredictionLog
from application.ports.telemetry import Telemetry
from benchmarks.headline import Headline
from entrypoints.http.app import create_app
from entrypoints.processes import logs
from entrypoints.settings import Settings
from entrypoints.wiring.container import Container, make_container
from tests.builders import ROW
from tests.e2e.small_task import put_small_task

VARIANTS = ("bare", "counted", "counted and kept")
WARM_UP = 50


class NoLog(PredictionLog):
    def append(self, rows: AnsweredRows) -> None:
        pass

    @contextmanager
    def batch(self) -> Iterator[Callable[[AnsweredRows], None]]:
        yield self.append

    def close(self) -> None:
        pass


class NoTelemetry(Telemetry):
    def request_ended(self, route, task, status, duration_s) -> None:
        pass

    def inferred(self, task, duration_s) -> None:
        pass

    def predicted(self, task, experiment_id, counts, scores) -> None:
        pass

    def turned_away(self) -> None:
        pass

    def log_state(self, **_) -> None:
        pass


def variant(home: Path, name: str) -> Container:
    container = make_container(Settings(home=home))
    if name != "counted and kept":
        container.prediction_log.override(NoLog())
    if name == "bare":
        container.telemetry.override(NoTelemetry())
        container.forward.override(container.forward.args[0])
    container.serving_models().refresh()
    return container


def serve(home: str, port: int) -> None:
    logging.disable(logging.INFO)
    logs.configure("warning")
    apps = {str(number): create_app(variant(Path(home), name)) for number, name in enumerate(VARIANTS)}

    async def choose(scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        wanted = next(value for name, value in scope["headers"] if name == b"x-variant")
        await apps[wanted.decode()](scope, receive, send)

    uvicorn.run(choose, host="127.0.0.1", port=port, log_config=None, access_log=False, http="httptools", loop="uvloop",
                lifespan="off")


def client(port: int, requests: int, found: list[list[float]]) -> None:
    connection, body = HTTPConnection("127.0.0.1", port), msgspec.json.encode(ROW)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for number, chosen in enumerate(_rounds(requests)):
        began = time.perf_counter()
        connection.request("POST", "/forward", body, {"X-Variant": str(chosen), "Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(content)
        if number >= WARM_UP:
            found[chosen].append(time.perf_counter() - began)


def _rounds(requests: int) -> Iterator[int]:
    """Each variant once a round, in an order of its own: who comes after whom matters to the processor's caches."""
    for _ in range(requests):
        yield from random.sample(range(len(VARIANTS)), len(VARIANTS))


def main() -> list[Headline]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("requests", type=int, nargs="?", default=3_000)
    parser.add_argument("clients", type=int, nargs="?", default=1)
    with tempfile.TemporaryDirectory(prefix="progon-bench-") as folder:
        return measure(Path(folder), **vars(parser.parse_args()))


def measure(home: Path, requests: int, clients: int) -> list[Headline]:
    put_small_task(home)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(str(home), port), daemon=True)
    server.start()
    _wait_for(port)
    found: list[list[float]] = [[] for _ in VARIANTS]
    threads = [threading.Thread(target=client, args=(port, requests, found)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.terminate()
    server.join()
    base = statistics.median(found[0])
    for name, seconds in zip(VARIANTS, found, strict=True):
        median, least = statistics.median(seconds), sorted(seconds)[len(seconds) // 10]
        print(f"{name:18} median {median * 1e6:7.0f} us, a tenth below {least * 1e6:7.0f} us, "
              f"{median / base:.3f} of bare")
    kept, counted = statistics.median(found[2]), statistics.median(found[1])
    print(f"the prediction log alone: {kept / counted:.3f} of the latency without it")
    return [Headline("POST /forward, each answer kept and counted", "ms", kept * 1e3, "ours, neither", base * 1e3)]


def _wait_for(port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)


if __name__ == "__main__":
    main()
