"""A CSV of a gigabyte through POST /forward_batch: seconds, rows a second, and memory over the idle process.

    python -m benchmarks.big_csv november.csv --home var [--megabytes 1000]

HOME holds a task and a deployed model that the CSV fits; the service is started here, on a port of its own.
"""
from __future__ import annotations

import argparse
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

MIB = 1 << 20


def grow(sample: Path, target: Path, size_bytes: int) -> int:
    """The sample's rows over and over, under its header. Returns: the number of rows."""
    header, _, rows = sample.read_bytes().partition(b"\n")
    rows = rows.rstrip(b"\n") + b"\n"
    times = max(1, size_bytes // len(rows))
    with target.open("wb") as file:
        file.write(header + b"\n")
        for _ in range(times):
            file.write(rows)
    return times * rows.count(b"\n")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def served(home: Path, port: int) -> Iterator[psutil.Process]:
    """The service with one worker, ready to answer."""
    environment = os.environ | {"PROGON_HOME": str(home), "PROGON_PORT": str(port), "PROGON_LOG_LEVEL": "warning"}
    server = subprocess.Popen([str(Path(sys.executable).with_name("progon")), "serve"], env=environment)
    try:
        while status(port) != 200:
            if server.poll() is not None:
                raise SystemExit("the service did not start")
            time.sleep(0.1)
        yield psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(60)


def status(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


class PeakMemory:
    """The largest resident memory of a process while the block runs; of the kernel's own count where there is one."""

    def __init__(self, process: psutil.Process) -> None:
        self._process, self._stop = process, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.bytes = 0

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.bytes = max(self.bytes, high_water_bytes(self._process.pid))

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self.bytes = max(self.bytes, self._process.memory_info().rss)


def high_water_bytes(pid: int) -> int:
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def post(port: int, file: Path, accept: str) -> int:
    """Returns: the bytes of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3_600)
    headers = {"Content-Type": "text/csv", "Accept": accept, "Content-Length": str(file.stat().st_size)}
    with file.open("rb") as body:
        connection.request("POST", "/forward_batch", body, headers)
        answer = connection.getresponse()
        received = 0
        while piece := answer.read(MIB):
            received += len(piece)
            if answer.status != 200:
                raise SystemExit(f"{answer.status}: {piece[:1_000].decode()}")
    connection.close()
    return received


def measure(home: Path, file: Path, rows: int, accept: str) -> None:
    port = free_port()
    with served(home, port) as process:
        idle = process.memory_info().rss
        started = time.perf_counter()
        with PeakMemory(process) as memory:
            received = post(port, file, accept)
        took_s = time.perf_counter() - started
        after = process.memory_info().rss
    print(f"{accept:<17} {took_s:7.1f} s  {rows / took_s:9,.0f} rows/s  answer {received / MIB:7,.0f} MiB  "
          f"idle {idle / MIB:5,.0f} MiB  peak over idle {(memory.bytes - idle) / MIB:6,.0f} MiB  "
          f"after over idle {(after - idle) / MIB:6,.0f} MiB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv", type=Path, help="rows to repeat")
    parser.add_argument("--home", type=Path, required=True, help="PROGON_HOME with a deployed model")
    parser.add_argument("--megabytes", type=int, default=1_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="progon-bench-", dir=arguments.home) as folder:
        file = Path(folder) / "big.csv"
        rows = grow(arguments.csv, file, arguments.megabytes * 1_000_000)
        print(f"{file.stat().st_size / 1e6:,.0f} MB, {rows:,} rows", flush=True)
        for accept in ("text/csv", "application/json"):
            measure(arguments.home.resolve(), file, rows, accept)


if __name__ == "__main__":
    main()
