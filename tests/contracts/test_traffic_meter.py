"""The contract of the port TrafficMeter."""
from __future__ import annotations

from pathlib import Path

import pytest

from adapters.prometheus.counters import MAX_SERIES, Counters
from adapters.prometheus.telemetry import PrometheusTelemetry
from adapters.prometheus.traffic_meter import PrometheusTrafficMeter
from tests.contracts.processes import run_processes
from tests.fakes.traffic_meter import InMemoryTrafficMeter


@pytest.fixture(params=["fake", "prometheus"])
def meter_and_answer(request, tmp_path):
    """The meter, and how a request of a task is told to have ended with a status."""
    if request.param == "fake":
        meter = InMemoryTrafficMeter()
        return meter, lambda task, status: meter.requests.update([(task, status)])
    counters = Counters(tmp_path)
    telemetry = PrometheusTelemetry(counters)
    routes = iter(["/forward", "/evaluate"] * 100)
    return (PrometheusTrafficMeter(counters),
            lambda task, status: telemetry.request_ended(next(routes), task, status, 0.1))


def test_nothing_was_asked_yet(meter_and_answer):
    meter, _ = meter_and_answer
    assert dict(meter.totals()) == {}


def test_by_task_and_status_whatever_the_route(meter_and_answer):
    meter, answer = meter_and_answer
    for task, status in (("flights", 200), ("flights", 200), ("flights", 400), ("ядра", 200), ("", 200)):
        answer(task, status)
    before = meter.totals()
    assert dict(before) == {("flights", 200): 2, ("flights", 400): 1, ("ядра", 200): 1, ("", 200): 1}
    answer("flights", 200)
    assert meter.totals()["flights", 200] == 3 and before["flights", 200] == 2


def answer_in_a_process(folder: str) -> None:
    telemetry = PrometheusTelemetry(Counters(Path(folder)))
    for _ in range(10):
        telemetry.request_ended("/forward", "flights", 200, 0.5)


def test_of_all_processes(tmp_path):
    run_processes(answer_in_a_process, str(tmp_path), times=3)
    assert dict(PrometheusTrafficMeter(Counters(tmp_path)).totals()) == {("flights", 200): 30}


def test_what_is_not_kept_apart_any_more_is_left_out(tmp_path):
    counters = Counters(tmp_path)
    telemetry = PrometheusTelemetry(counters)
    for number in range(MAX_SERIES + 5):
        telemetry.request_ended(f"/{number}", "flights", 200, 0.5)
    assert 1_000 < PrometheusTrafficMeter(counters).totals()["flights", 200] <= MAX_SERIES
