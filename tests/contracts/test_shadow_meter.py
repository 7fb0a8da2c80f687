"""The contract of the port ShadowMeter."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.prometheus.counters import Counters
from adapters.prometheus.shadow_meter import PrometheusShadowMeter
from application.ports.shadow_meter import ShadowMeter, ShadowOutcome
from tests.contracts.processes import run_processes
from tests.contracts.scrapes import told
from tests.contracts.test_telemetry import exposition_of
from tests.fakes.shadow_meter import InMemoryShadowMeter


@dataclass(frozen=True)
class Bench:
    """counted: (task, outcome) -> rows."""

    meter: ShadowMeter
    counted: Callable[[], Mapping[tuple[str, str], float]]


def in_memory(folder: Path) -> Bench:
    meter = InMemoryShadowMeter()
    return Bench(meter, lambda: meter.rows)


def in_prometheus(folder: Path) -> Bench:
    return Bench(PrometheusShadowMeter(Counters(folder)), lambda: in_the_files(folder))


def in_the_files(folder: Path) -> dict[tuple[str, str], float]:
    found = {}
    for (name, *labels), value in told(exposition_of(Counters(folder))).items():
        if name == "progon_shadow_rows_total":
            outcome, = set(labels) & set(map(str, ShadowOutcome))
            task, = set(labels) - {outcome}
            found[task, outcome] = value
    return found


@pytest.fixture(params=[in_memory, in_prometheus])
def bench(request, tmp_path) -> Bench:
    return request.param(tmp_path)


def test_rows_are_counted_by_task_and_outcome(bench):
    for task, outcome, rows in (("flights", ShadowOutcome.ANSWERED, 5), ("flights", ShadowOutcome.ANSWERED, 2),
                                ("flights", ShadowOutcome.LEFT_OUT, 1), ("ядра", ShadowOutcome.FAILED, 3)):
        bench.meter.count(task, outcome, rows)
    assert dict(bench.counted()) == {
        ("flights", "answered"): 7, ("flights", "left out"): 1, ("ядра", "failed"): 3}


def test_threads_miss_nothing(bench):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: bench.meter.count("flights", ShadowOutcome.ANSWERED, 2), range(500)))
    assert bench.counted()["flights", "answered"] == 1_000


def count_in_a_process(folder: str) -> None:
    PrometheusShadowMeter(Counters(Path(folder))).count("flights", ShadowOutcome.ANSWERED, 3)


def test_processes_are_counted_together(tmp_path):
    run_processes(count_in_a_process, str(tmp_path), times=3)
    assert in_the_files(tmp_path) == {("flights", "answered"): 9}
