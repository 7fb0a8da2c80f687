"""The contract of the port Telemetry."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from adapters.prometheus.exposition import Exposition
from adapters.prometheus.telemetry import PrometheusTelemetry
from adapters.system.clock import SystemClock
from application.use_cases.look_around import ServiceState
from tests.contracts.processes import run_processes
from tests.fakes.telemetry import InMemoryTelemetry


def samples(telemetry: PrometheusTelemetry) -> dict:
    exposition = Exposition(CollectorRegistry(), telemetry.counters, ServiceState, SystemClock().now)
    return {(sample.name, *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(exposition.text().decode()) for sample in family.samples}


def read(telemetry) -> dict:
    """What was counted, in the names of the exposition."""
    if isinstance(telemetry, PrometheusTelemetry):
        return {key: value for key, value in samples(telemetry).items()
                if value and not key[0].endswith(("_bucket", "_age_seconds"))}
    found: dict = {("progon_busy_total",): telemetry.busy, ("progon_prediction_log_backlog_rows",):
                   telemetry.backlog_rows, ("progon_prediction_log_lost_rows_total",): telemetry.lost_rows,
                   ("progon_prediction_log_torn_entries_total",): telemetry.torn}
    for (route, task, status), count in telemetry.requests.items():
        found["progon_requests_total", *sorted((route, task, str(status)))] = count
    for (task, experiment_id, label), count in telemetry.predictions.items():
        found["progon_predictions_total", *sorted((task, str(experiment_id), label))] = count
    for name, lists in (("progon_request_seconds", telemetry.request_s), ("progon_inference_seconds",
                        telemetry.inference_s), ("progon_prediction_score", telemetry.scores)):
        for label, values in lists.items():
            found[f"{name}_count", label], found[f"{name}_sum", label] = len(values), sum(values)
    return {key: value for key, value in found.items() if value}


@pytest.fixture(params=["fake", "prometheus"])
def telemetry(request, tmp_path):
    return InMemoryTelemetry() if request.param == "fake" else PrometheusTelemetry(tmp_path)


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


def test_everything_is_counted(telemetry):
    count_everything(telemetry)
    assert read(telemetry) == {
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


def test_numbers_have_no_label(telemetry):
    telemetry.predicted("prices", 1, {}, np.array([1.5, -20.0, 3e5], np.float32))
    found = read(telemetry)
    assert found["progon_predictions_total", "", "1", "prices"] == 3
    assert found["progon_prediction_score_count", "prices"] == 3


def test_threads_miss_nothing(telemetry):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: telemetry.request_ended("/forward", "flights", 200, 1.0), range(4_000)))
    assert read(telemetry)["progon_requests_total", "/forward", "200", "flights"] == 4_000


def count_in_a_process(folder: str) -> None:
    telemetry = PrometheusTelemetry(Path(folder))
    for _ in range(500):
        telemetry.request_ended("/forward", "flights", 200, 0.5)


def test_processes_count_together_and_their_counts_outlive_them(tmp_path):
    run_processes(count_in_a_process, str(tmp_path), times=3)
    telemetry = PrometheusTelemetry(tmp_path)
    telemetry.request_ended("/forward", "flights", 200, 0.5)
    found = samples(telemetry)
    assert found["progon_requests_total", "/forward", "200", "flights"] == 1_501
    assert found["progon_request_seconds_sum", "/forward"] == 750.5
    telemetry.counters.clear()
    assert samples(telemetry)["progon_requests_total", "/forward", "200", "flights"] == 1
