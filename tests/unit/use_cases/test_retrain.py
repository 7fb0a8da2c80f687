from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.catboost.card import CARD
from application.ports.executor import Executor, ExecutorUnavailable
from application.ports.feature_store import UnknownDatasetVersion
from application.ports.task_catalog import UnknownTask
from application.training.inline_executor import InlineExecutor
from application.use_cases.retrain import Retrain, RetrainRequest
from domain.errors import InvalidInput
from domain.experiment import Status
from domain.trainer_card import Parameter, TrainerCard
from domain.training import Training
from tests.builders import make_table
from tests.fakes.clock import START


def effective(world) -> dict:
    """What the catalogue's task is trained with: said by it, or chosen by its trainer for so few rows."""
    said = world.task.training
    return {**said.override(CARD.resolved(said.params, world.task.kind, 240, world.task.problem)).as_dict()}


class Waiting(Executor):
    def __init__(self) -> None:
        self.submitted: list[int] = []
        self.works = True

    def submit(self, experiment_id: int) -> None:
        if not self.works:
            raise ExecutorUnavailable("nothing takes work")
        self.submitted.append(experiment_id)

    def close(self) -> None:
        """Nothing runs."""


@pytest.fixture
def executor():
    return Waiting()


@pytest.fixture
def retrain(world, executor):
    world.with_data()
    return Retrain(world.tasks, world.store, world.log, executor, world.clock, "abc123", world.known_trainers)


def test_an_experiment_is_queued_and_submitted(world, retrain, executor):
    world.clock.advance(timedelta(hours=1))
    experiment = retrain.execute(RetrainRequest("flights"))
    assert experiment == world.log.get(1)
    assert (experiment.status, experiment.task, experiment.name) == (Status.QUEUED, "flights", "flights-v1")
    assert (experiment.dataset_version, experiment.commit_hash) == (1, "abc123")
    assert experiment.created_at == START + timedelta(hours=1)
    assert experiment.params == effective(world)
    assert executor.submitted == [1]


def test_parameters_of_the_request_take_the_place_of_the_tasks(world, retrain):
    experiment = retrain.execute(RetrainRequest("flights", {"depth": 2, "learning_rate": 1}, name="  мельче  "))
    assert experiment.params == effective(world) | {"depth": 2, "learning_rate": 1.0}
    assert experiment.name == "мельче"
    assert world.tasks.get("flights").training == world.task.training


def test_the_newest_version_unless_one_is_named(world, retrain):
    world.store.append(world.task, [make_table(world.task, 50, seed=3)])
    assert retrain.execute(RetrainRequest("flights")).dataset_version == 2
    named = retrain.execute(RetrainRequest("flights", dataset_version=1))
    assert (named.dataset_version, named.name) == (1, "flights-v1")


@pytest.mark.parametrize(("wrong", "where"), [
    ({"depths": 1}, "params.depths"), ({"depth": 0}, "params.depth"), ({"depth": 11}, "params.depth"),
    ({"depth": "6"}, "params.depth"), ({"depth": 6.0}, "params.depth"), ({"depth": True}, "params.depth"),
    ({"depth": None}, "params.depth"), ({"iterations": 10**400}, "params.iterations"),
    ({"learning_rate": float("nan")}, "params.learning_rate"), ({"seed": -1}, "params.seed"),
    ({"l2_leaf_reg": float("inf")}, "params.l2_leaf_reg"),
])
def test_parameters_that_cannot_be_used_are_named_and_nothing_is_queued(world, retrain, executor, wrong, where):
    with pytest.raises(InvalidInput) as failure:
        retrain.execute(RetrainRequest("flights", {"seed": 1} | wrong))
    assert [fault.where for fault in failure.value.faults] == [where]
    assert (world.log.list(), executor.submitted) == ([], [])


def test_all_that_is_wrong_is_told_at_once(retrain):
    with pytest.raises(InvalidInput) as failure:
        retrain.execute(RetrainRequest("flights", {"depth": None, "trees": 5, "refit": "none", "iterations": 0}))
    assert sorted(fault.where for fault in failure.value.faults) == [
        "params.depth", "params.iterations", "params.refit", "params.trees"]


def test_a_trainer_that_nobody_has_told_of(world, retrain):
    with pytest.raises(InvalidInput, match="no trainer forest; there are catboost"):
        retrain.execute(RetrainRequest("flights", {"trainer": "forest"}))
    forest = TrainerCard("forest", ["tabular"], ["binary"], {"trees": Parameter("integer", 100, 1, 500, "trees")})
    world.known_trainers._published.publish("elsewhere", [forest], world.clock.now())
    experiment = retrain.execute(RetrainRequest("flights", {"trainer": "forest", "trees": 7}))
    assert experiment.params == {"trainer": "forest", "trees": 7, "seed": 42, "refit": "valid"}, "none of CatBoost's"


def test_a_trainer_that_cannot_do_what_is_asked(world, retrain):
    card = TrainerCard("prices", ["tabular"], ["regression"])
    world.known_trainers._published.publish("elsewhere", [card], world.clock.now())
    with pytest.raises(InvalidInput) as failure:
        retrain.execute(RetrainRequest("flights", {"trainer": "prices", "refit": "all", "depth": 3}))
    assert [fault.where for fault in failure.value.faults] == ["params.trainer", "params.refit", "params.depth"]


def test_few_rows_get_smaller_steps_unless_the_task_says_otherwise(world, retrain):
    world.tasks.add(replace(world.task, name="silent", training=Training()))
    world.store.append(world.tasks.get("silent"), [make_table(world.task, 60)])
    params = retrain.execute(RetrainRequest("silent", {"iterations": 9})).params
    assert (params["learning_rate"], params["iterations"], params["early_stopping_rounds"]) == (0.05, 9, 75)


@pytest.mark.parametrize("name", [" ", "x" * 201])
def test_a_name_that_cannot_be_used(world, retrain, name):
    with pytest.raises(InvalidInput, match="name"):
        retrain.execute(RetrainRequest("flights", name=name))
    assert world.log.list() == []


@pytest.mark.parametrize("version", [0, -1, 2, 10**30])
def test_a_version_that_is_not_there(retrain, version):
    with pytest.raises(UnknownDatasetVersion):
        retrain.execute(RetrainRequest("flights", dataset_version=version))


def test_no_data_and_no_task(world, retrain):
    world.tasks.add(replace(world.task, name="empty"))
    with pytest.raises(UnknownDatasetVersion, match="no data yet"):
        retrain.execute(RetrainRequest("empty"))
    with pytest.raises(UnknownTask):
        retrain.execute(RetrainRequest("nope"))


def test_accepted_is_accepted_also_while_nothing_takes_work(world, retrain, executor):
    executor.works = False
    assert retrain.execute(RetrainRequest("flights")).status is Status.QUEUED
    assert world.log.get(1).status is Status.QUEUED


def test_inline_it_has_ended_when_it_returns(world, retrain):
    inline = Retrain(world.tasks, world.store, world.log, InlineExecutor(world.run_experiment), world.clock, "abc",
                     world.known_trainers)
    experiment = inline.execute(RetrainRequest("flights"))
    assert world.log.get(experiment.id).status is Status.SUCCEEDED
