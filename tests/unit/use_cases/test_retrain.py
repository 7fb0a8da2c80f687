from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.executor import Executor, ExecutorUnavailable
from application.ports.feature_store import UnknownDatasetVersion
from application.ports.task_catalog import UnknownTask
from application.training.inline_executor import InlineExecutor
from application.use_cases.retrain import Retrain, RetrainRequest
from domain.errors import InvalidInput
from domain.experiment import Status
from tests.builders import make_table
from tests.fakes.clock import START


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
    return Retrain(world.tasks, world.store, world.log, executor, world.clock, "abc123")


def test_an_experiment_is_queued_and_submitted(world, retrain, executor):
    world.clock.advance(timedelta(hours=1))
    experiment = retrain.execute(RetrainRequest("flights"))
    assert experiment == world.log.get(1)
    assert (experiment.status, experiment.task, experiment.name) == (Status.QUEUED, "flights", "flights-v1")
    assert (experiment.dataset_version, experiment.commit_hash) == (1, "abc123")
    assert experiment.created_at == START + timedelta(hours=1)
    assert experiment.params == world.task.training.as_dict()
    assert executor.submitted == [1]


def test_parameters_of_the_request_take_the_place_of_the_tasks(world, retrain):
    experiment = retrain.execute(RetrainRequest("flights", {"depth": 2, "learning_rate": 1}, name="  мельче  "))
    assert experiment.params == world.task.training.as_dict() | {"depth": 2, "learning_rate": 1.0}
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
    inline = Retrain(world.tasks, world.store, world.log, InlineExecutor(world.run_experiment), world.clock, "abc")
    experiment = inline.execute(RetrainRequest("flights"))
    assert world.log.get(experiment.id).status is Status.SUCCEEDED
