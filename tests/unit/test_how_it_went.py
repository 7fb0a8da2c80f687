"""How a task has done lately, span by span."""
from __future__ import annotations

import io
import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from application.ports.prediction_spool import SpooledRows
from application.ports.task_catalog import UnknownTask
from application.queries.how_it_went import SAMPLE_ROWS, HowItWent
from application.queries.model_cards import ModelCards
from domain.deployment import Deployment
from domain.drift import SCORE, take_reference
from domain.kinds.kind import Problem
from domain.late_labels import LateLabel
from domain.live_history import Estimate, Last, LiveSpan, edges, estimate
from domain.provenance import model_path
from domain.traffic import TrafficCount, TrafficMinute
from tests.builders import CARRIER, TEMP, make_answered, make_table, make_task
from tests.fakes.artifact_store import InMemoryArtifactStore
from tests.fakes.clock import START, FixedClock
from tests.fakes.deployment_log import InMemoryDeploymentLog
from tests.fakes.late_labels import InMemoryLateLabels
from tests.fakes.model_runner import LinearModelLoader, linear_model
from tests.fakes.prediction_store import InMemoryPredictionStore
from tests.fakes.task_catalog import InMemoryTaskCatalog
from tests.fakes.traffic_log import InMemoryTrafficLog

HOUR = timedelta(hours=1)


class World:
    """A task whose experiments 3 and 4 are there."""

    def __init__(self, problem: Problem = Problem.BINARY) -> None:
        self.task = make_task(problem)
        self.labels, self.traffic, self.clock = InMemoryLateLabels(), InMemoryTrafficLog(), FixedClock()
        self.store = InMemoryPredictionStore(self.labels)
        self.deployments, self.artifacts, loader = InMemoryDeploymentLog(), InMemoryArtifactStore(), LinearModelLoader()
        train, model = make_table(self.task, 800, seed=9), linear_model(self.task)
        columns = [self.task.schema[name] for name in self.task.schema.shown_names]
        scores = loader.load(model).predict(train).scores
        model = loader.stamp(model, {"reference": take_reference(columns, train, scores).to_text()})
        for number in (3, 4):
            self.artifacts.put(model_path(number), io.BytesIO(model))
        self.query = HowItWent(InMemoryTaskCatalog(self.task), self.store, self.traffic, self.deployments,
                               ModelCards(self.artifacts, loader), self.clock)
        self.added = 0

    def answered(self, n_rows: int, ago: timedelta = timedelta(0), **changes) -> None:
        table = make_table(self.task, n_rows, seed=self.added)
        inputs = {name: table[name].tolist() for name in self.task.schema.shown_names}
        self.added += 1
        rows = make_answered(n_rows, created_at=self.clock.now() - ago, **({"inputs": inputs} | changes))
        self.store.add([SpooledRows(str(self.added), rows)])

    def spans(self, last: Last = Last.DAY) -> list[LiveSpan]:
        return list(self.query.execute("flights", last).spans)


@pytest.mark.parametrize(("last", "step", "spans", "first", "end"), [
    (Last.DAY, timedelta(hours=1), 24, "2026-01-01T04:00", "2026-01-02T04:00"),
    (Last.WEEK, timedelta(hours=6), 28, "2025-12-26T06:00", "2026-01-02T06:00"),
    (Last.MONTH, timedelta(days=1), 30, "2025-12-04T00:00", "2026-01-03T00:00")])
def test_spans_begin_at_whole_hours_and_the_last_one_goes_on(last, step, spans, first, end):
    found = edges(last, START)
    assert (found[0], found[-1]) == tuple(datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, end))
    assert len(found) == spans + 1 and {after - before for before, after in zip(
        found[:-1], found[1:], strict=True)} == {step}
    assert edges(last, found[-1])[0] == found[1], "a new span begins on its edge"


def test_a_task_that_nobody_asked():
    world = World()
    found = world.query.execute("flights", Last.MONTH)
    assert (len(found.spans), {span.answers for span in found.spans}, list(found.deployments)) == (30, {0}, [])
    with pytest.raises(UnknownTask):
        world.query.execute("nobody", Last.DAY)


def test_each_span_has_its_own():
    world = World()
    world.answered(10, 2 * HOUR, predictions=[1] * 10, latency_s=0.5)
    world.answered(30, HOUR, predictions=[0] * 30, latency_s=0.25)
    world.answered(10, HOUR, predictions=[1] * 10, latency_s=0.75)
    minute = (START - HOUR).replace(second=0, microsecond=0)
    world.traffic.add([TrafficMinute("flights", minute, 7, 2, 1), TrafficMinute("other", minute, 9)])
    first, second, last = world.spans()[-3:]
    assert [span.answers for span in (first, second, last)] == [10, 40, 0]
    assert (first.seen.labels, second.seen.labels, last.seen.labels) == ({"1": 1.0}, {"0": 0.75, "1": 0.25}, {})
    assert (first.seen.latency_s[0.5], second.seen.latency_s) == (0.5, {0.5: 0.25, 0.95: 0.75})
    assert (first.requests, second.requests) == (TrafficCount(), TrafficCount(7, 2, 1))


def test_of_many_rows_a_sample_is_looked_at_that_is_like_all():
    world = World()
    for number in range(6):
        world.answered(SAMPLE_ROWS, timedelta(minutes=number / 2), predictions=[number % 3 == 0] * SAMPLE_ROWS)
    span = world.spans()[-1]
    assert span.answers == 6 * SAMPLE_ROWS and SAMPLE_ROWS / 2 < span.seen.n_rows <= SAMPLE_ROWS
    assert span.seen.labels == {"False": pytest.approx(2 / 3, abs=0.01), "True": pytest.approx(1 / 3, abs=0.01)}


def test_numbers_have_quantiles_in_the_place_of_shares():
    world = World(Problem.REGRESSION)
    scores = [float(number) for number in range(101)]
    world.answered(101, predictions=scores, scores=scores)
    seen = world.spans()[-1].seen
    assert (seen.labels, seen.numbers) == ({}, {0.1: 10.0, 0.5: 50.0, 0.9: 90.0})


def test_drift_by_column_in_the_spans_that_have_rows_enough():
    world = World()
    world.answered(99, 3 * HOUR)
    world.answered(900, 2 * HOUR)
    table = make_table(world.task, 900, seed=5)
    inputs = {name: table[name].tolist() for name in world.task.schema.shown_names}
    world.answered(900, HOUR, inputs=inputs | {TEMP: [value + 60 for value in inputs[TEMP]]})
    few, same, other = (span.seen.drift for span in world.spans()[-4:-1])
    assert few == {} and set(same) == {*world.task.schema.shown_names, SCORE}
    assert same[TEMP] < 0.1 and same[CARRIER] < 0.1 and other[TEMP] > 1 and other[CARRIER] < 0.1


def test_drift_and_quality_are_of_the_experiment_that_answered_most():
    world = World()
    world.answered(150, experiment_id=4, labels=["1"] * 150, predictions=[1] * 150)
    world.answered(50, experiment_id=3, labels=["1"] * 50, predictions=[0] * 50)
    span = world.spans()[-1]
    assert (span.seen.experiment_id, span.n_labelled, span.quality["accuracy"].value) == (4, 150, 1.0)
    assert span.quality["accuracy"].low is None, "all are alike"
    assert span.seen.drift and span.seen.labels == {"1": 0.75, "0": 0.25}


def test_a_model_file_that_is_gone_leaves_what_needs_none():
    world = World()
    world.answered(150, experiment_id=9, labels=["1"] * 150)
    span = world.spans()[-1]
    assert (span.answers, span.seen.experiment_id, span.seen.drift, span.quality) == (150, 9, {}, {})
    assert span.seen.latency_s


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.REGRESSION])
def test_quality_comes_with_its_interval_once_there_are_labels(problem):
    world, random = World(problem), np.random.default_rng(0)
    numbers = random.normal(0, 1, 200).tolist()
    regression = problem is Problem.REGRESSION
    predictions = numbers if regression else [int(value > 0) for value in numbers]
    scores = numbers if regression else random.uniform(0.5, 1, 200).tolist()
    labels = [str(value + 1) if regression else str(value if number % 4 else 1 - value)
              for number, value in enumerate(predictions)]
    world.answered(200, HOUR, predictions=predictions, scores=scores)
    assert world.spans()[-2].quality == {}
    world.answered(200, predictions=predictions, scores=scores, labels=labels)
    span = world.spans()[-1]
    found = span.quality["mae" if regression else "accuracy"]
    assert span.n_labelled == 200 and found.value == pytest.approx(1.0 if regression else 0.75)
    # Of a share p of n: p ± 1.97 sqrt(p (1 - p) / (n - 1)).
    half = None if regression else 1.972 * math.sqrt(0.75 * 0.25 / 199)
    assert found.low == (None if half is None else pytest.approx(0.75 - half, abs=1e-4))
    assert set(span.quality) <= set(world.task.rules.metrics)


def test_labels_that_come_later_are_seen_although_the_span_is_known():
    world = World()
    world.answered(60, HOUR, request_id="r")
    assert world.spans()[-2].n_labelled == 0
    world.labels.add("flights", [LateLabel("r", "1", number) for number in range(1, 61)])
    world.store.join()
    world.clock.advance(timedelta(minutes=1))
    span = world.spans()[-2]
    assert span.n_labelled == 60 and span.quality


def test_rows_that_come_late_are_looked_at_too():
    world = World()
    world.answered(10, HOUR, predictions=[1] * 10)
    assert world.spans()[-2].seen.labels == {"1": 1.0}
    world.answered(10, HOUR, predictions=[0] * 10)
    assert world.spans()[-2].seen.labels == {"1": 0.5, "0": 0.5}


def test_the_deployments_in_between_oldest_first():
    world = World()
    for number, ago in enumerate((30, 20, 1), 1):
        moment = START - ago * HOUR
        world.deployments.append("flights", lambda _, number=number, moment=moment: Deployment(
            "flights", number, None, number, moment))
    assert [one.experiment_id for one in world.query.execute("flights", Last.DAY).deployments] == [2, 3]
    assert [one.experiment_id for one in world.query.execute("flights", Last.WEEK).deployments] == [1, 2, 3]


@pytest.mark.parametrize(("metric", "value", "margin", "rows", "found"), [
    ("auc", 0.95, 0.1, 50, (0.85, 1.0)), ("auc", 0.05, 0.1, 50, (0.0, 0.15)), ("logloss", 0.1, 0.3, 50, (0.0, 0.4)),
    ("rmse", 9.0, 2.0, 50, (7.0, 11.0)), ("r2", -2.0, 0.5, 50, (-2.5, -1.5)), ("r2", 0.9, 0.5, 50, (0.4, 1.0)),
    ("auc", 0.5, 0.1, 29, (None, None)), ("accuracy", 1.0, 0.0, 50, (None, None)), ("auc", 0.5, None, 50, (None, None)),
    ("mae", 1.0, 1e-17, 50, (None, None))])
def test_an_interval_ends_where_the_metric_does(metric, value, margin, rows, found):
    estimated = estimate(metric, value, margin, rows)
    assert (estimated.value, estimated.low, estimated.high) == (value, *(
        None if end is None else pytest.approx(end) for end in found))
    assert isinstance(estimated, Estimate)
