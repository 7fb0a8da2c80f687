"""What is looked at while an attack goes on: how a good client fares, and how much memory the service has."""
from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

from tests.builders import ROW

BODY = json.dumps(ROW).encode()
HEADERS = {"Content-Type": "application/json"}
_PAUSE_S, _LOOK_S = 0.01, 0.2
_AT_LEAST = 20
# The service closes a connection that was silent for five seconds, as one is where the attack keeps this process busy.
_KEPT_S = 3.0


@dataclass
class Seen:
    """Of a good client that asks for one row again and again. failed: what it was answered instead."""

    durations_s: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    peak_bytes: int = 0

    @property
    def p99_s(self) -> float:
        return sorted(self.durations_s)[int(len(self.durations_s) * 0.99)]


@contextmanager
def watched(port: int, pid: int) -> Iterator[Seen]:
    """At its end the client has been answered at least some times."""
    seen, over = Seen(), threading.Event()
    threads = [threading.Thread(target=_ask, args=(port, seen, over)),
               threading.Thread(target=_weigh, args=(pid, seen, over))]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _ask(port: int, seen: Seen, over: threading.Event) -> None:
    connection, began = HTTPConnection("127.0.0.1", port, timeout=60), time.perf_counter()
    while not over.wait(_PAUSE_S) or len(seen.durations_s) < _AT_LEAST and not seen.failed:
        if time.perf_counter() - began > _KEPT_S:
            connection.close()
        began = time.perf_counter()
        try:
            connection.request("POST", "/forward?task=small", BODY, HEADERS)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException) as failure:
            seen.failed.append(repr(failure))
            connection.close()
            continue
        seen.durations_s.append(time.perf_counter() - began)
        if answer.status != 200:
            seen.failed.append(f"{answer.status}: {content[:200]!r}")
    connection.close()


def _weigh(pid: int, seen: Seen, over: threading.Event) -> None:
    while True:
        seen.peak_bytes = max(seen.peak_bytes, memory_bytes(pid))
        if over.wait(_LOOK_S):
            return


def memory_bytes(pid: int) -> int:
    """Of a process and all below it; what they share counts once (proportional set size)."""
    process = psutil.Process(pid)
    return sum(map(_pss, [process, *process.children(recursive=True)]))


def _pss(process: psutil.Process) -> int:
    with suppress(OSError):  # it has ended
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
