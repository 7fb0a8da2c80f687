"""The contract of the port Telemetry."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from adapters.prometheus.counters import Counters
from adapters.prometheus.exposition import PrometheusExposition
from adapters.prometheus.telemetry import PrometheusTelemetry
from adapters.system.clock import SystemClock
from application.ports.exposition import Exposition
from application.ports.telemetry import Telemetry
from application.queries.look_around import ServiceState
from domain.readiness import Readiness
from tests.contracts.processes import run_processes
from tests.contracts.scrapes import scraped, told
from tests.fakes.exposition import InMemoryExposition
from tests.fakes.telemetry import InMemoryTelemetry


@pytest.fixture
def counters(tmp_path) -> Counters:
    return Counters(tmp_path)


@pytest.fixture(params=["fake", "prometheus"])
def telemetry(request, counters) -> Telemetry:
    return InMemoryTelemetry() if request.param == "fake" else PrometheusTelemetry(counters)


@pytest.fixture
def exposition(telemetry, counters) -> Exposition:
    """What was counted is read from it."""
    if isinstance(telemetry, InMemoryTelemetry):
        return InMemoryExposition(telemetry, ServiceState, lambda: Readiness([], []), SystemClock().now)
    return exposition_of(counters)


def exposition_of(counters: Counters) -> PrometheusExposition:
    return PrometheusExposition(
        CollectorRegistry(), counters, ServiceState, lambda: Readiness([], []), SystemClock().now)


def count_everything(telemetry) -> None:
    telemetry.request_ended("/forward", "flights", 200, 0.25)
    telemetry.request_ended("/forward", "flights", 200, 0.5)
    telemetry.request_ended("/metrics/{experiment_id}", "", 404, 1.0)
    telemetry.inferred("flights", 0.125)
    telemetry.predicted("flights", 3, {"late": 2, "вовремя": 1}, np.array([0.5, 0.75, 1.0], np.float32))
    telemetry.predicted("flights", 3, {"late": 1}, np.array([0.5], np.float32))
    telemetry.turned_away()
    telemetry.log_state(backlog_rows=7, lost_rows=2, torn=4)
    telemetry.log_state(backlog_rows=5, lost_rows=3)


def test_everything_is_counted(telemetry, exposition):
    count_everything(telemetry)
    assert told(exposition) == {
        ("progon_requests_total", "/forward", "200", "flights"): 2,
        ("progon_requests_total", "", "/metrics/{experiment_id}", "404"): 1,
        ("progon_request_seconds_count", "/forward"): 2, ("progon_request_seconds_sum", "/forward"): 0.75,
        ("progon_request_seconds_count", "/metrics/{experiment_id}"): 1,
        ("progon_request_seconds_sum", "/metrics/{experiment_id}"): 1.0,
        ("progon_inference_seconds_count", "flights"): 1, ("progon_inference_seconds_sum", "flights"): 0.125,
        ("progon_predictions_total", "3", "flights", "late"): 3,
        ("progon_predictions_total", "3", "flights", "вовремя"): 1,
        ("progon_prediction_score_count", "flights"): 4, ("progon_prediction_score_sum", "flights"): 2.75,
        ("progon_busy_total",): 1, ("progon_prediction_log_backlog_rows",): 5,
        ("progon_prediction_log_lost_rows_total",): 5, ("progon_prediction_log_torn_entries_total",): 4,
    }


def test_numbers_have_no_label(telemetry, exposition):
    telemetry.predicted("prices", 1, {}, np.array([1.5, -20.0, 3e5], np.float32))
    found = told(exposition)
    assert found["progon_predictions_total", "", "1", "prices"] == 3
    assert found["progon_prediction_score_count", "prices"] == 3


def test_threads_miss_nothing(telemetry, exposition):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: telemetry.request_ended("/forward", "flights", 200, 1.0), range(4_000)))
    assert told(exposition)["progon_requests_total", "/forward", "200", "flights"] == 4_000


def count_in_a_process(folder: str) -> None:
    telemetry = PrometheusTelemetry(Counters(Path(folder)))
    for _ in range(500):
        telemetry.request_ended("/forward", "flights", 200, 0.5)


def test_processes_count_together_and_their_counts_outlive_them(tmp_path, counters):
    run_processes(count_in_a_process, str(tmp_path), times=3)
    PrometheusTelemetry(counters).request_ended("/forward", "flights", 200, 0.5)
    exposition = exposition_of(counters)
    found = scraped(exposition)
    assert found["progon_requests_total", "/forward", "200", "flights"] == 1_501
    assert found["progon_request_seconds_sum", "/forward"] == 750.5
    exposition.begin()
    assert scraped(exposition)["progon_requests_total", "/forward", "200", "flights"] == 1
