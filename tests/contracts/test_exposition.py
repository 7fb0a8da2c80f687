"""The contract of the port Exposition."""
from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from adapters.prometheus.counters import Counters
from adapters.prometheus.exposition import PrometheusExposition
from adapters.prometheus.telemetry import PrometheusTelemetry
from application.ports.exposition import Exposition
from application.ports.telemetry import Telemetry
from application.queries.look_around import ModelState, ServiceState
from domain.deployment import Deployment
from domain.drift import Drift, Histogram
from domain.observation import ObservedModel
from domain.readiness import Dependency, Health, Readiness, TaskReadiness
from domain.rollout import Rollout, RolloutRole
from tests.contracts.scrapes import scraped, told
from tests.fakes.clock import START, FixedClock
from tests.fakes.exposition import InMemoryExposition
from tests.fakes.telemetry import InMemoryTelemetry

HISTOGRAM = Histogram((0.5, 0.5, 0.0), categories=("да",))
SEEN = ObservedModel("flights", 3, START - timedelta(seconds=90), 500, 20, {
    "temp": Drift(0.25, 0.125, 0.5, HISTOGRAM, (0.0, 1.0, 0.0)),
    "c \"q\" \\": Drift(1.5, 0.75, None, HISTOGRAM, (0.0, 1.0, 0.0)),
}, {"auc": 0.5})
STATE = ServiceState(
    [ModelState(Deployment("flights", 3, None, 1, START), START, "abc", {"auc": 0.75}, SEEN),
     ModelState(Deployment("ядра\n", 4, 2, 2, START, rollout=Rollout(6, RolloutRole.CANARY, 0.25, START)), START, "abd",
                {}, None)],
    {("flights", 5): 0.25}, {"flights": START})
TOLD = {
    ("progon_model_info", "3", "abc", "flights"): 1, ("progon_model_info", "4", "abd", "ядра\n"): 1,
    ("progon_model_deployed_timestamp_seconds", "3", "flights"): START.timestamp(),
    ("progon_model_deployed_timestamp_seconds", "4", "ядра\n"): START.timestamp(),
    ("progon_rollout_share", "6", "canary", "ядра\n"): 0.25,
    ("progon_promised_quality", "auc", "flights"): 0.75, ("progon_live_quality", "auc", "flights"): 0.5,
    ("progon_feature_drift", "flights", "temp"): 0.25, ("progon_feature_missing", "flights", "temp"): 0.125,
    ("progon_feature_unseen", "flights", "temp"): 0.5, ("progon_observation_age_seconds",): 90,
    ("progon_feature_drift", "c \"q\" \\", "flights"): 1.5, ("progon_feature_missing", "c \"q\" \\", "flights"): 0.75,
    ("progon_training_progress", "5", "flights"): 0.25,
    ("progon_training_failed_timestamp_seconds", "flights"): START.timestamp(),
}
ALWAYS = ("progon_busy_total", "progon_prediction_log_backlog_rows", "progon_prediction_log_lost_rows_total",
          "progon_prediction_log_torn_entries_total")


class World:
    """telemetry: what is counted with. state: what looking around finds; None while it fails."""

    def __init__(self) -> None:
        self.state: ServiceState | None = ServiceState()
        self.telemetry: Telemetry = InMemoryTelemetry()
        self.readiness = Readiness([], [])
        self.exposition: Exposition = InMemoryExposition(
            self.telemetry, self.look_around, lambda: self.readiness, FixedClock().now)

    def look_around(self) -> ServiceState:
        if self.state is None:
            raise OSError("no route to host")
        return self.state


def in_prometheus(folder) -> World:
    world, counters = World(), Counters(folder)
    world.telemetry = PrometheusTelemetry(counters)
    world.exposition = PrometheusExposition(
        CollectorRegistry(), counters, world.look_around, lambda: world.readiness, FixedClock().now)
    return world


@pytest.fixture(params=["fake", "prometheus"])
def world(request, tmp_path) -> World:
    return World() if request.param == "fake" else in_prometheus(tmp_path)


def test_before_anything_happens(world):
    found = scraped(world.exposition)
    assert {name: found[name,] for name in ALWAYS} == dict.fromkeys(ALWAYS, 0)
    assert told(world.exposition) == {}


def test_what_is_known(world):
    world.state = STATE
    assert told(world.exposition) == TOLD


def test_how_well_it_is(world):
    world.readiness = Readiness(
        [Dependency("database", Health.FAILED, "the database is read-only"),
         Dependency("disk of PROGON_HOME", Health.DEGRADED, "", 1 << 20),
         Dependency("disk of x", Health.OK, "", 1 << 40)],
        [TaskReadiness("ok", Health.OK, 1), TaskReadiness("old", Health.DEGRADED, 2),
         TaskReadiness("no", Health.FAILED, None)])
    found = scraped(world.exposition)
    of_readiness = ("progon_dependency_ok", "progon_disk_free_bytes", "progon_model_loaded")
    assert {key: value for key, value in found.items() if key[0] in of_readiness} == {
        ("progon_dependency_ok", "database"): 0, ("progon_dependency_ok", "disk of PROGON_HOME"): 0,
        ("progon_dependency_ok", "disk of x"): 1, ("progon_disk_free_bytes", "disk of PROGON_HOME"): 1 << 20,
        ("progon_disk_free_bytes", "disk of x"): 1 << 40, ("progon_model_loaded", "ok"): 1,
        ("progon_model_loaded", "old"): 0, ("progon_model_loaded", "no"): 0}


def test_what_was_counted_stands_beside_it(world):
    world.state = STATE
    world.telemetry.turned_away()
    world.telemetry.predicted("ядра\n", 3, {"a \"b\" \\": 2}, np.array([0.5, 0.75], np.float32))
    assert told(world.exposition) == TOLD | {
        ("progon_busy_total",): 1, ("progon_predictions_total", "3", "a \"b\" \\", "ядра\n"): 2,
        ("progon_prediction_score_count", "ядра\n"): 2, ("progon_prediction_score_sum", "ядра\n"): 1.25}


def test_during_an_outage_what_was_known_last_stands_and_counting_goes_on(world):
    world.state = STATE
    assert told(world.exposition) == TOLD
    world.state = None
    world.telemetry.turned_away()
    assert told(world.exposition) == TOLD | {("progon_busy_total",): 1}
    world.state = ServiceState()
    assert told(world.exposition) == {("progon_busy_total",): 1}


def test_an_outage_from_the_start(world):
    world.state = None
    assert told(world.exposition) == {}


def test_what_a_living_process_counts_outlives_a_beginning(world):
    world.telemetry.turned_away()
    world.exposition.begin()
    world.telemetry.turned_away()
    assert told(world.exposition) == {("progon_busy_total",): 2}


def test_what_waits_is_told_by_the_living_alone(tmp_path):
    world, before, now = in_prometheus(tmp_path), Counters(tmp_path), Counters(tmp_path)
    PrometheusTelemetry(before).log_state(backlog_rows=7, torn=1)
    PrometheusTelemetry(now).log_state(backlog_rows=2, torn=1)
    assert scraped(world.exposition)["progon_prediction_log_backlog_rows",] == 9
    before.close()
    found = scraped(world.exposition)
    assert found["progon_prediction_log_backlog_rows",] == 2
    assert found["progon_prediction_log_torn_entries_total",] == 2
