"""What is looked at while an attack goes on: how a good client fares, and how much memory the service has."""
from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psutil

_LOOK_S, _GROWN, _ALWAYS_EVERY = 0.2, 1.01, 10


@dataclass
class Seen:
    """Of a good client (`tests/hostile/good_client.py`). failed: what it was answered instead of a row's answer."""

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
    weighing = threading.Thread(target=_weigh, args=(pid, seen, over))
    client = subprocess.Popen([sys.executable, "-m", "tests.hostile.good_client", str(port)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    with client:
        assert client.stdout is not None and client.stdout.readline() == "ready\n"
        weighing.start()
        try:
            yield seen
        finally:
            said, _ = client.communicate()
            over.set()
            weighing.join()
            told = json.loads(said)
            seen.durations_s, seen.failed = told["durations_s"], told["failed"]


def _weigh(pid: int, seen: Seen, over: threading.Event) -> None:
    """To find out what processes share, the kernel goes through all their pages, and nobody else has that processor for
    milliseconds: the good client would be slowed down by it. So it is done when they have more than ever, and now and
    then, as they may come to share less."""
    most, is_over = 0.0, False
    for number in count():
        if (resident := sum(map(_resident, _family(pid)))) > most or is_over or number % _ALWAYS_EVERY == 0:
            most = max(most, resident * _GROWN)
            seen.peak_bytes = max(seen.peak_bytes, memory_bytes(pid))
        if is_over:
            return
        is_over = over.wait(_LOOK_S)


def memory_bytes(pid: int) -> int:
    """Of a process and all below it; what they share counts once (proportional set size)."""
    return sum(map(_pss, _family(pid)))


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def _resident(process: psutil.Process) -> int:
    with suppress(psutil.NoSuchProcess):
        return process.memory_info().rss
    return 0


def _pss(process: psutil.Process) -> int:
    with suppress(OSError):  # it has ended
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
