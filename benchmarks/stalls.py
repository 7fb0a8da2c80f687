"""Watches servers for stalls: one client each, a process of its own, all at the same time on the same machine."""
from __future__ import annotations

import itertools
import multiprocessing
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass

from benchmarks.load import Client

STALL_S = 0.02


@dataclass(frozen=True, slots=True)
class Watched:
    """taken_s: seconds that each answer took."""

    taken_s: Sequence[float]

    @property
    def stalls_s(self) -> list[float]:
        """Of the answers that took longer than STALL_S, the longest first."""
        return sorted((one for one in self.taken_s if one > STALL_S), reverse=True)

    @property
    def median_s(self) -> float:
        return statistics.median(self.taken_s)

    @property
    def p99_s(self) -> float:
        return statistics.quantiles(self.taken_s, n=100)[-1]


def watch(places: Sequence[tuple[int, str]], bodies: Sequence[bytes], seconds: float, rate: float) -> list[Watched]:
    """places: (port, path) of each server. rate: requests a second to each, fewer while one takes its time."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(places), context) as clients:
        asked = [clients.submit(_watched, port, path, bodies, seconds, rate) for port, path in places]
        return [one.result() for one in asked]


def _watched(port: int, path: str, bodies: Sequence[bytes], seconds: float, rate: float) -> Watched:
    taken, began = [], time.perf_counter()
    with closing(Client(port, path)) as client:
        for number, body in enumerate(itertools.cycle(bodies)):
            until = began + number / rate
            if number / rate >= seconds:
                return Watched(taken)
            if (left_s := until - time.perf_counter()) > 0:
                time.sleep(left_s)
            elif left_s < -1 / rate:  # what was missed is not made up for
                began -= left_s
            taken.append(client.ask_s(body))
