"""The contract of the port InferenceMeter."""
from __future__ import annotations

import numpy as np
import pytest

from adapters.prometheus.counters import Counters
from adapters.prometheus.inference_meter import PrometheusInferenceMeter
from adapters.prometheus.telemetry import PrometheusTelemetry
from application.ports.inference_meter import Inferences
from tests.fakes.inference_meter import InMemoryInferenceMeter

NOTHING = Inferences(0, 0, 0.0, 0, 0)


class Fake:
    def __init__(self) -> None:
        self.meter = InMemoryInferenceMeter()

    def run(self, task: str, experiment_id: int, labels: dict[str, int], seconds: float) -> None:
        key = (task, experiment_id)
        self.meter.rows[key] = self.meter.rows.get(key, 0) + sum(labels.values())
        self.meter.runs.setdefault(task, []).append(seconds)

    def end(self, task: str, status: int) -> None:
        self.meter.statuses.setdefault(task, []).append(status)


class Counted:
    def __init__(self, folder) -> None:
        counters = Counters(folder)
        self.meter, self._telemetry = PrometheusInferenceMeter(counters), PrometheusTelemetry(counters)

    def run(self, task: str, experiment_id: int, labels: dict[str, int], seconds: float) -> None:
        self._telemetry.inferred(task, seconds)
        self._telemetry.predicted(task, experiment_id, labels, np.ones(sum(labels.values())))

    def end(self, task: str, status: int) -> None:
        self._telemetry.request_ended("/forward", task, status, 0.1)


@pytest.fixture(params=["fake", "prometheus"])
def told(request, tmp_path):
    return Fake() if request.param == "fake" else Counted(tmp_path)


def test_of_what_nothing_is_known_there_are_zeros(told):
    assert told.meter.of("flights", 1) == NOTHING


def test_rows_are_the_experiments_and_runs_the_tasks(told):
    told.run("flights", 1, {"0": 3, "1": 2}, 0.25)
    told.run("flights", 1, {"1": 1}, 0.5)
    told.run("flights", 12, {"1": 4}, 0.25)
    told.run("ядра", 1, {"1": 9}, 8.0)
    assert told.meter.of("flights", 1) == Inferences(6, 3, 1.0, 0, 0)
    assert told.meter.of("flights", 12).rows == 4 and told.meter.of("flights", 2).rows == 0


def test_requests_are_told_apart_by_how_they_ended(told):
    for status in (200, 202, 400, 404, 503):
        told.end("flights", status)
    told.end("ядра", 200)
    assert told.meter.of("flights", 1) == Inferences(0, 0, 0.0, 2, 3)
