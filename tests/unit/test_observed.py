"""What is kept and counted around the use cases, and what the models that serve look like from it."""
from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from itertools import count

import numpy as np
import pytest

from application.decorators.answering import RecordedAnswering
from application.ports.prediction_spool import SpooledRows
from application.ports.serving_models import ServedModel
from application.ports.task_catalog import UnknownTask
from application.queries.model_cards import ModelCards
from application.serving.shadows import Shadows
from application.use_cases.answer_rows import AnswerRows
from application.use_cases.evaluate import Evaluate, Evaluation
from application.use_cases.observe_models import ObserveModels
from domain import drift
from domain.deployment import Deployment
from domain.drift import take_reference
from domain.errors import InvalidInput
from domain.exchange import Part
from domain.kinds.kind import Problem
from domain.observation import ObservedModel
from domain.provenance import model_path
from domain.rows import CoercedRows, JsonRow, TextRows
from tests.builders import CARRIER, DISTANCE, ENGINE, LATE, ROW, TEMP, make_table, make_task, text_cells
from tests.fakes.artifact_store import InMemoryArtifactStore
from tests.fakes.clock import START, FixedClock
from tests.fakes.deployment_log import InMemoryDeploymentLog
from tests.fakes.model_runner import LinearModelLoader, linear_model
from tests.fakes.observation_store import InMemoryObservationStore
from tests.fakes.prediction_log import InMemoryPredictionLog
from tests.fakes.prediction_store import InMemoryPredictionStore
from tests.fakes.serving_models import InMemoryServingModels
from tests.fakes.shadow_meter import InMemoryShadowMeter
from tests.fakes.task_catalog import InMemoryTaskCatalog
from tests.fakes.telemetry import InMemoryTelemetry


class World:
    def __init__(self, problem: Problem = Problem.BINARY, share: float = 1.0) -> None:
        self.task = make_task(problem)
        self.telemetry, self.log, self.clock = InMemoryTelemetry(), InMemoryPredictionLog(), FixedClock()
        ticks = count()
        self.timer = lambda: next(ticks) / 4
        loader = LinearModelLoader()
        train = make_table(self.task, 800, seed=9)
        model = linear_model(self.task)
        answers = loader.load(model).predict(train)
        columns = [self.task.schema[name] for name in self.task.schema.shown_names]
        self.model = loader.stamp(model, {"reference": take_reference(columns, train, answers.scores).to_text()})
        self.runner = loader.load(self.model)
        self.models = InMemoryServingModels(InMemoryTaskCatalog(self.task), ServedModel(self.task, 5, 2, self.runner))
        self.shadows = Shadows(InMemoryShadowMeter())
        self.answering = RecordedAnswering(AnswerRows(self.models, self.timer), self.log, self.telemetry, self.clock,
                                           self.timer, self.shadows, share)

    def forward(self, row) -> Part:
        part, = self.answering.execute("flights", JsonRow(row)).parts
        return part

    def forward_batch(self, rows):
        return self.answering.execute("flights", rows).parts

    def evaluate(self, rows) -> Evaluation:
        return Evaluate(self.answering).execute("flights", rows)

    def observe(self) -> ObservedModel:
        store, deployments, artifacts = InMemoryPredictionStore(), InMemoryDeploymentLog(), InMemoryArtifactStore()
        observations = InMemoryObservationStore()
        store.add([SpooledRows(str(number), rows) for number, rows in enumerate(self.log.kept)])
        deployments.append("flights", lambda _: Deployment("flights", 5, None, 1, START))
        artifacts.put(model_path(5), io.BytesIO(self.model))
        ObserveModels(deployments, InMemoryTaskCatalog(self.task), ModelCards(artifacts, LinearModelLoader()), store,
                      observations, self.clock, timedelta(hours=24), 5_000).execute()
        observed, = observations.all()
        return observed


def rows_of(task, n_rows: int, seed: int = 0):
    return map(CoercedRows, make_table(task, n_rows, seed).chunks(100))


def test_a_row_is_kept_as_the_model_saw_it_without_what_is_private(asked):
    world, request = World(), asked("/forward")
    answer = world.forward(ROW)
    kept, = world.log.kept
    assert (kept.request_id, kept.route, kept.task, kept.experiment_id) == ("0190-abc", "/forward", "flights", 5)
    assert (list(kept.row_nos), kept.predictions, kept.labels) == ([1], answer.predictions.values.tolist(), None)
    assert kept.inputs == {CARRIER: ["UA"], TEMP: [39.5], ENGINE: [""]}
    assert DISTANCE not in kept.inputs, "it is private"
    assert kept.scores == pytest.approx(answer.predictions.scores)
    assert kept.latency_s > 0 and kept.created_at == world.clock.now()
    assert request.task == "flights"


def test_some_rows_that_are_answered_at_once_are_all_kept(asked):
    world = World(share=0.2)
    asked("/forward")
    part, = world.answering.execute("flights", CoercedRows(make_table(world.task, 3))).parts
    kept, = world.log.kept
    assert (list(kept.row_nos), kept.predictions) == ([1, 2, 3], part.answers.values.tolist())


def test_what_no_request_asked_for_is_not_kept(asked):
    world = World()
    world.forward(ROW)
    list(world.forward_batch(rows_of(world.task, 10)))
    world.evaluate(rows_of(world.task, 10)).metrics()
    assert world.log.kept == [] and not world.telemetry.predictions and not world.telemetry.inference_s


def test_a_refused_row_is_counted_for_its_task_and_an_unknown_task_for_none(asked):
    world, request = World(), asked("/forward")
    with pytest.raises(UnknownTask):
        world.answering.execute("made up by the caller", JsonRow(ROW))
    assert request.task == ""
    with pytest.raises(InvalidInput):
        world.forward({})
    assert request.task == "flights" and world.log.kept == []


def test_a_batch_is_kept_before_its_last_part_has_gone_out(asked):
    world = World()
    asked("/forward_batch")
    parts = world.forward_batch(rows_of(world.task, 250))
    taken = [next(parts) for _ in range(3)]
    assert world.log.kept == []
    assert next(parts, None) is None
    assert [row for rows in world.log.kept for row in rows.row_nos] == list(range(1, 251))
    predictions = [value for part in taken for value in part.predictions.values.tolist()]
    assert [value for rows in world.log.kept for value in rows.predictions] == predictions
    assert sum(world.telemetry.predictions.values()) == 250 == len(world.telemetry.scores["flights"])
    assert len(world.telemetry.inference_s["flights"]) == 3


def test_a_batch_that_fails_or_is_given_up_is_not_kept(asked):
    world = World()
    asked("/forward_batch")
    cells = {name: values for name, values in text_cells(make_table(world.task, 10)).items() if name != LATE}
    chunks = [TextRows(cells), TextRows(cells | {TEMP: ["warm"] * 10}, 11)]
    with pytest.raises(InvalidInput):
        list(world.forward_batch(iter(chunks)))
    parts = world.forward_batch(rows_of(world.task, 250))
    next(parts)
    parts.close()
    assert world.log.kept == []


def test_an_evaluation_is_kept_with_its_labels(asked):
    world = World()
    asked("/evaluate")
    world.evaluate(rows_of(world.task, 250)).metrics()
    labels = [label for rows in world.log.kept for label in rows.labels]
    assert labels == make_table(world.task, 250)[LATE].tolist()


def test_a_share_of_the_rows_of_files(asked):
    world = World(share=0.2)
    asked("/forward_batch")
    list(world.forward_batch(rows_of(world.task, 2_000)))
    kept = [row for rows in world.log.kept for row in rows.row_nos]
    assert 300 < len(kept) < 500 and kept == sorted(set(kept)) and 1 <= kept[0] and kept[-1] <= 2_000
    carriers = make_table(world.task, 2_000)[CARRIER]
    assert [cell for rows in world.log.kept for cell in rows.inputs[CARRIER]] == [carriers[row - 1] for row in kept]
    assert sum(world.telemetry.predictions.values()) == 2_000, "counted are all"
    world.forward(ROW)
    assert len(world.log.kept[-1].row_nos) == 1


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION])
def test_live_quality_is_what_an_evaluation_of_the_same_rows_says(problem, asked):
    world = World(problem)
    asked("/evaluate")
    metrics = world.evaluate(rows_of(world.task, 700)).metrics()
    model = world.observe()
    assert model.quality == pytest.approx(metrics, rel=1e-6)
    assert (model.n_rows, model.n_labelled) == (700, 700)


def test_drift_of_the_same_and_of_other_rows(asked):
    world = World()
    asked("/forward_batch")
    list(world.forward_batch(rows_of(world.task, 1_500, seed=3)))
    same = world.observe().drift
    assert set(same) == {CARRIER, TEMP, ENGINE, drift.SCORE}
    assert max(found.psi for found in same.values()) < 0.1
    assert same[TEMP].missing == pytest.approx(0.1, abs=0.03)
    assert same[TEMP].current == pytest.approx(same[TEMP].reference.shares, abs=0.05)
    assert sum(same[CARRIER].current) == pytest.approx(1)
    world.log.kept = [replace(rows, inputs=rows.inputs | {
        TEMP: [value + 60 for value in rows.inputs[TEMP]], CARRIER: ["new"] * rows.n_rows}) for rows in world.log.kept]
    other = world.observe().drift
    assert other[TEMP].psi > 1 and other[CARRIER].unseen == 1.0 and other[ENGINE].psi < 0.1


def test_too_few_rows_tell_nothing_and_old_ones_neither(asked):
    world = World()
    asked("/forward_batch")
    list(world.forward_batch(rows_of(world.task, drift.MIN_ROWS - 1)))
    assert world.observe().drift == {}
    list(world.forward_batch(rows_of(world.task, 500)))
    assert world.observe().drift
    world.log.kept = [replace(rows, created_at=rows.created_at - timedelta(hours=25)) for rows in world.log.kept]
    assert world.observe().drift == {}


def test_a_missing_number_is_kept_as_none(asked):
    world = World()
    asked("/forward")
    world.forward(ROW | {TEMP: None})
    assert np.isnan(world.log.kept[0].inputs[TEMP][0])
