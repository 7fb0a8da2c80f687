"""Rows that are explained, and how many of them."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest

from application.decorators.explained import ExplainedAnswering
from application.ports.serving_models import Candidate, ServedModel
from application.serving.wanted import NobodyWaits, gone
from application.use_cases.answer_rows import AnswerRows
from application.use_cases.evaluate import Evaluate
from application.use_cases.explain_rows import ExplainRows, NothingToCompareWith
from domain.errors import InvalidInput, TooLarge
from domain.kinds.kind import Problem
from domain.prediction import Predictions
from domain.rollout import Rollout, RolloutRole
from domain.rows import TextRows
from domain.table import Table
from tests.builders import CARRIER, LATE, TEMP, make_table, make_task, succeeded, text_cells
from tests.fakes.clock import START, FixedClock
from tests.fakes.experiment_log import InMemoryExperimentLog
from tests.fakes.feature_store import InMemoryFeatureStore
from tests.fakes.model_runner import LinearModelLoader, LinearModelRunner, linear_model
from tests.fakes.serving_models import InMemoryServingModels
from tests.fakes.task_catalog import InMemoryTaskCatalog
from tests.pictures import make_picture_task

MOST = 10


class CountingRunner(LinearModelRunner):
    """Keeps how many rows it was asked for, each time."""

    asked: list[int]

    def predict(self, table: Table) -> Predictions:
        self.asked.append(table.n_rows)
        return super().predict(table)


class World:
    def __init__(self, task, rows: int = 30) -> None:
        self.task, self.store = task, InMemoryFeatureStore(FixedClock())
        if rows:
            self.store.append(task, [make_table(task, rows)])
        self.log = InMemoryExperimentLog()
        experiment = self.log.add(succeeded(task, {"test": {"auc": 0.75}}))
        document = LinearModelLoader().load(linear_model(task, {TEMP: [0.0, 0.05][-max(len(task.labels), 1):]}))
        self.runner = CountingRunner(document._document)
        self.runner.asked = []
        self.answering = self.answering_by(ServedModel(task, experiment.id, 1, self.runner))

    def answering_by(self, served: ServedModel) -> ExplainedAnswering:
        models = InMemoryServingModels(InMemoryTaskCatalog(self.task), served)
        return ExplainedAnswering(AnswerRows(models, perf_counter), ExplainRows(self.store, self.log), models, MOST)

    def parts(self, rows, labelled: bool = False):
        return self.answering.execute("flights", rows, labelled).parts


def texts_of(table: Table, size_rows: int) -> Iterator[TextRows]:
    for number, chunk in enumerate(table.chunks(size_rows)):
        yield TextRows(text_cells(chunk), number * size_rows + 1)


@pytest.fixture(params=[Problem.BINARY, Problem.REGRESSION])
def task(request):
    return make_task(request.param)


def test_each_part_comes_with_explanations_of_its_rows(task):
    world, table = World(task), make_table(task, 7, seed=1)
    parts = list(world.parts(texts_of(table, 3)))
    assert [len(part.explanations.base) for part in parts] == [3, 3, 1]
    for part in parts:
        said = part.explanations
        assert list(said.contributions) == [column.name for column in task.schema.features]
        told = said.base + sum(said.contributions.values())
        np.testing.assert_allclose(told, part.answers.scores, rtol=1e-4, atol=1e-4)


def test_labelled_rows_are_explained_without_their_label():
    world, table = World(make_task()), make_table(make_task(), 6, seed=1)
    plain, = world.parts(texts_of(table, 6))
    labelled, = world.parts(texts_of(table, 6), labelled=True)
    assert LATE in labelled.table and LATE not in labelled.explanations.contributions
    np.testing.assert_array_equal(plain.explanations.contributions[TEMP], labelled.explanations.contributions[TEMP])
    assert Evaluate(world.answering).execute("flights", texts_of(table, 6)).metrics()


def test_no_rows_are_explained_by_nothing():
    part, = World(make_task()).parts(iter([TextRows({name: [] for name in text_cells(make_table(make_task(), 1))})]))
    assert part.explanations.base.tolist() == [] and part.explanations.contributions[CARRIER].tolist() == []


@pytest.mark.parametrize("size_rows", [3, MOST + 1])
def test_more_rows_than_the_limit_are_refused_before_they_are_answered(size_rows):
    world, table = World(make_task()), make_table(make_task(), MOST + 1, seed=1)
    answered = []
    with pytest.raises(TooLarge, match=r"more than 10 rows.*PROGON_MAX_EXPLAINED_ROWS"):
        answered.extend(world.parts(texts_of(table, size_rows)))
    assert sum(part.answers.n_rows for part in answered) == (9 if size_rows == 3 else 0)
    assert list(world.parts(texts_of(make_table(make_task(), MOST), size_rows))), "so many are taken"


def test_some_rows_beyond_the_limit_are_not_answered():
    world = World(make_task())
    with pytest.raises(TooLarge):
        world.answering.execute("flights", TextRows(text_cells(make_table(make_task(), MOST + 1))))
    assert world.runner.asked == []


def test_it_ends_between_two_rows_when_nobody_waits():
    world, table = World(make_task()), make_table(make_task(), 8, seed=1)
    before = gone.set(lambda: len(world.runner.asked) == 3)
    try:
        with pytest.raises(NobodyWaits):
            list(world.parts(texts_of(table, 8)))
    finally:
        gone.reset(before)
    assert len(world.runner.asked) == 3, "the answers to all, and explanations of two"


def test_without_the_rows_it_has_learned_from_nothing_is_answered():
    world = World(make_task(), rows=0)
    with pytest.raises(NothingToCompareWith):
        world.parts(texts_of(make_table(make_task(), 3), 3))
    assert world.runner.asked == []


def test_a_canary_needs_the_rows_it_has_learned_from_too():
    """A shadow answers nobody."""
    world = World(make_task())
    newer = world.log.add(replace(succeeded(world.task), dataset_version=2))
    candidate = ServedModel(world.task, newer.id, 1, world.runner)
    for role in RolloutRole:
        answering = world.answering_by(ServedModel(
            world.task, 1, 1, world.runner, Candidate(Rollout(newer.id, role, 0.5, START), candidate)))
        if role is RolloutRole.CANARY:
            with pytest.raises(NothingToCompareWith, match=f"experiment {newer.id}"):
                answering.execute("flights", texts_of(make_table(world.task, 3), 3))
        else:
            assert len(list(answering.execute("flights", texts_of(make_table(world.task, 3), 3)).parts)) == 1


def test_pictures_are_not_explained():
    world, task = World(make_task()), make_picture_task()
    with pytest.raises(InvalidInput, match="heatmap"):
        world.answering._explain_rows.check(ServedModel(task, 1, 1, world.runner))
