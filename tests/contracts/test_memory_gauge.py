"""The contract of the port MemoryGauge."""
from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from adapters.prometheus.counters import Counters
from adapters.prometheus.memory_gauge import IN_MEMORY, PrometheusMemoryGauge
from application.ports.memory_gauge import MemoryGauge
from tests.contracts.scrapes import scraped
from tests.contracts.test_telemetry import exposition_of
from tests.fakes.memory_gauge import InMemoryMemoryGauge


@dataclass(frozen=True)
class Bench:
    """shown: what is seen of it."""

    gauge: MemoryGauge
    shown: Callable[[], float]


def in_memory(folder: Path) -> Bench:
    gauge = InMemoryMemoryGauge()
    return Bench(gauge, lambda: gauge.shown)


def in_prometheus(folder: Path) -> Bench:
    counters = Counters(folder)
    return Bench(PrometheusMemoryGauge(counters), lambda: scraped(exposition_of(counters))[IN_MEMORY,])


@pytest.fixture(params=[in_memory, in_prometheus])
def bench(request, tmp_path) -> Bench:
    return request.param(tmp_path)


def test_before_anything_is_taken_it_shows_nothing(bench):
    assert bench.shown() == 0


def test_it_shows_what_was_shown_last(bench):
    for taken in (5, 1 << 40, 7):
        bench.gauge.show(lambda taken=taken: taken)
        assert bench.shown() == taken


def test_whoever_shows_last_is_asked_last(bench):
    asked = count(1)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: bench.gauge.show(lambda: next(asked)), range(2_000)))
    assert bench.shown() == 2_000


def test_it_is_the_sum_of_those_that_live(tmp_path):
    one, other = Counters(tmp_path), Counters(tmp_path)
    PrometheusMemoryGauge(one).show(lambda: 5)
    PrometheusMemoryGauge(other).show(lambda: 7)
    exposition = exposition_of(other)
    assert scraped(exposition)[IN_MEMORY,] == 12
    one.close()
    assert scraped(exposition)[IN_MEMORY,] == 7
