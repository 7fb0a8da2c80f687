"""Experiments, data and tasks that are removed, over a service of several processes."""
from __future__ import annotations

import io
from datetime import timedelta

import pytest

from adapters.catboost.card import CARD
from application.ports.artifact_store import UnknownArtifact
from application.ports.experiment_log import UnknownExperiment
from application.ports.feature_store import UnknownDatasetVersion
from application.ports.prediction_spool import SpooledRows
from application.ports.prediction_store import Wanted
from application.ports.task_catalog import TaskExists, UnknownTask
from application.queries.label_shares import LabelShares
from application.training.known_trainers import KnownTrainers
from application.use_cases.clear_deleted import ClearDeleted
from application.use_cases.create_task import CreateTask
from application.use_cases.delete_experiment import DeleteExperiment
from application.use_cases.delete_task import DeleteTask
from application.use_cases.undo_data import UndoData
from domain.deployment import REMOVED
from domain.errors import Conflict, InvalidInput
from domain.experiment import Status
from domain.history import Act
from domain.late_labels import LateLabel
from tests.builders import make_answered, make_experiment, make_table, make_task
from tests.fakes.artifact_remover import InMemoryArtifactRemover
from tests.fakes.clock import FixedClock
from tests.fakes.data_keeper import InMemoryDataKeeper
from tests.fakes.history import InMemoryHistory
from tests.fakes.late_labels import InMemoryLateLabels
from tests.fakes.model_runner import LinearModelLoader
from tests.fakes.observation_store import InMemoryObservationStore
from tests.fakes.pipeline_runner import InProcessPipelineRunner
from tests.fakes.prediction_store import InMemoryPredictionStore
from tests.fakes.task_traces import InMemoryTaskTraces
from tests.fakes.traffic_log import InMemoryTrafficLog
from tests.fakes.trainer import LinearTrainer
from tests.fakes.trainer_cards import InMemoryTrainerCards
from tests.unit.serving import Service


class World(Service):
    def __init__(self, folder) -> None:
        super().__init__()
        self.history, self.keeper = InMemoryHistory(), InMemoryDataKeeper(self.store)
        self.labels = InMemoryLateLabels()
        self.predictions = InMemoryPredictionStore(self.labels)
        self.traces = InMemoryTaskTraces(
            self.predictions, self.labels, InMemoryObservationStore(), InMemoryTrafficLog())
        pipeline = InProcessPipelineRunner(folder, self.store, LinearTrainer(), LinearModelLoader())
        remover = InMemoryArtifactRemover(self.artifacts)
        self._delete_experiment = DeleteExperiment(
            self.log, self.deployments, remover, pipeline, self.history, self.clock)
        self._undo = UndoData(self.tasks, self.keeper, self.log, self.deployments, self.history, self.clock)
        self._delete_task = DeleteTask(self.tasks, self.keeper, self.log, remover, pipeline, self.takeover,
                                       self.traces, self.history, self.clock)

    def delete_experiment(self, experiment_id: int):
        return self._delete_experiment.execute(experiment_id, "anna")

    def undo(self, version: int | None = None):
        return self._undo.execute("flights", version, "anna")

    def delete_task(self, confirm: str | None = "flights"):
        return self._delete_task.execute("flights", confirm, "anna")

    def add(self, seed: int) -> None:
        self.store.append(self.tasks.get("flights"), [make_table(self.task, 60, seed)])

    def queued(self, **changes) -> int:
        return self.log.add(make_experiment(self.task, **changes)).id

    def running(self, **changes) -> int:
        return self.log.update(self.queued(**changes), lambda queued: queued.start(self.clock.now())).id


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path)


# Experiments

def test_an_experiment_goes_with_its_files(world):
    first, second = world.train(), world.train()
    world.artifacts.put(f"experiments/{first}/plots/roc.json", io.BytesIO(b"[]"))
    assert world.delete_experiment(first).id == first
    with pytest.raises(UnknownExperiment):
        world.log.get(first)
    assert not world.artifacts.list(f"experiments/{first}") and world.artifacts.list(f"experiments/{second}")
    entry, = world.history.newest()
    assert (entry.act, entry.task, entry.by, entry.detail["experiment_id"]) == (
        Act.EXPERIMENT_DELETED, "flights", "anna", first)
    with pytest.raises(UnknownExperiment):
        world.delete_experiment(first)
    assert world.train() > second


def test_one_that_serves_waits_or_runs_stays(world):
    served = world.train()
    world.deploy(served)
    for number, why in ((served, "serves"), (world.queued(), "queued"), (world.running(), "running")):
        with pytest.raises(Conflict, match=why):
            world.delete_experiment(number)
        assert world.log.get(number).id == number
    assert world.serving == served and not world.history.newest()


def test_one_that_served_before_can_go_and_there_is_no_way_back_to_it(world):
    old, new = world.train(), world.train()
    world.deploy(old)
    world.deploy(new)
    world.delete_experiment(old)
    with pytest.raises(Conflict, match=f"experiment {old}, which served before, was deleted"):
        world.roll_back()
    assert world.serving == new
    with pytest.raises(UnknownExperiment):
        world.deploy(old)


def test_a_deployment_that_had_begun_finds_it_gone(world):
    served, chosen = world.train(), world.train()
    world.deploy(served)
    load = world.loader.load

    def load_and_delete(content: bytes):
        world.loader.load = load
        world.delete_experiment(chosen)
        return load(content)

    world.loader.load = load_and_delete
    with pytest.raises(UnknownExperiment):
        world.deploy(chosen)
    assert world.serving == served and world.deployments.current("flights").experiment_id == served


# Data

def test_the_newest_data_are_taken_back(world):
    world.add(1)
    undone = world.undo(2)
    assert undone.version == 2 and [version.version for version in world.store.versions("flights")] == [1]
    entry, = world.history.newest("flights")
    assert (entry.act, entry.by, entry.detail["dataset_version"], entry.detail["rows"]) == (
        Act.DATA_UNDONE, "anna", 2, 60)


def test_one_that_is_not_the_newest_any_more_stays(world):
    world.add(1)
    world.add(2)
    world.undo(3)
    with pytest.raises(Conflict, match="is 2, not 3"):
        world.undo(3)
    assert len(world.store.versions("flights")) == 2


def test_data_that_are_trained_on_or_that_the_model_that_serves_knows_stay(world):
    world.add(1)
    world.deploy(world.train(dataset_version=2))
    numbers = [world.queued(dataset_version=2), world.running(dataset_version=2)]
    world.queued(dataset_version=1)
    with pytest.raises(Conflict) as refused:
        world.undo()
    assert all(f"experiment {number} is" in str(refused.value) for number in numbers)
    assert "which serves, learned from it" in str(refused.value) and "experiment 4" not in str(refused.value)
    assert len(world.store.versions("flights")) == 2


def test_there_is_nothing_to_take_back(world):
    world.undo()
    with pytest.raises(UnknownDatasetVersion):
        world.undo()
    with pytest.raises(UnknownTask):
        world._undo.execute("nope")


def test_what_is_told_of_labels_follows(world):
    shares = LabelShares(world.store)

    def counts() -> list[int]:
        found = shares.of(world.task, world.store.versions("flights"))
        return [sum(summary.counts.values()) for summary in found]

    world.add(1)
    assert counts() == [240, 60]
    world.undo()
    assert counts() == [240]
    world.store.append(world.task, [make_table(world.task, 30, 9)])
    assert counts() == [240, 30]


# Tasks

def test_a_task_goes_with_all_it_has_and_no_process_answers_for_it(world):
    other, process = world.start()
    number = world.train()
    world.deploy(number)
    world.predictions.add([SpooledRows("e", make_answered(5, experiment_id=number))])
    world.labels.add("flights", [LateLabel("a", "1")])
    assert world.delete_task().name == "flights"
    for models in (world.models, other):
        with pytest.raises(UnknownTask):
            models.current("flights")
        assert not models.all_served()
    assert not world.tasks.all() and not world.store.versions("flights") and not world.log.list()
    assert not world.predictions.newest(Wanted("flights"), 10) and not world.labels.get("flights", ["a"])
    with pytest.raises(UnknownArtifact):
        world.artifacts.read(f"experiments/{number}/model.onnx")
    entry, = world.history.newest("flights")
    assert (entry.act, entry.by, entry.detail["experiments"], entry.detail["answers"]) == (
        Act.TASK_DELETED, "anna", 1, 5)
    assert world.deployments.history()[0].reason == REMOVED
    with pytest.raises(UnknownTask):
        world.delete_task()


@pytest.mark.parametrize("confirm", [None, "", "flight", "FLIGHTS"])
def test_its_name_has_to_be_said_again(world, confirm):
    with pytest.raises(InvalidInput) as refused:
        world.delete_task(confirm)
    assert [fault.where for fault in refused.value.faults] == ["confirm"]
    assert world.tasks.get("flights")


def test_one_of_its_name_is_made_anew_and_has_nothing_of_it(world):
    number = world.train()
    world.deploy(number)
    generation = world.deployments.current("flights").generation
    world.delete_task()
    known = KnownTrainers([CARD], InMemoryTrainerCards(), FixedClock())
    made = CreateTask(world.tasks, world.store, known).execute(make_task())
    assert made.task.schema_version == 2 and made.version is None
    assert not world.store.versions("flights") and not world.log.list(task="flights")
    assert not world.deployments.history("flights")
    world.add(3)
    assert [(version.version, version.rows) for version in world.store.versions("flights")] == [(1, 60)]
    fresh = world.train(schema_version=2)
    deployed = world.deploy(fresh)
    assert fresh > number and deployed.previous_experiment_id is None and deployed.generation > generation
    assert world.serving == fresh
    with pytest.raises(Conflict, match="no earlier deployment"):
        world.roll_back()


def test_what_trains_is_cancelled_first(world):
    queued, running = world.queued(), world.running()

    def end() -> None:
        """As the process that runs it does, within some seconds."""
        for experiment in world.log.list(statuses={Status.RUNNING}):
            if experiment.cancel_requested:
                world.log.update(experiment.id, lambda known: known.cancel(world.clock.now()))

    world.clock.meanwhile.append(end)
    world.delete_task()
    for number in (queued, running):
        with pytest.raises(UnknownExperiment):
            world.log.get(number)


def test_a_training_that_does_not_end_is_told_and_the_deletion_goes_on_later(world):
    number = world.running()
    with pytest.raises(Conflict, match=f"experiment {number} .* does not end"):
        world.delete_task()
    with pytest.raises(UnknownTask):
        world.tasks.get("flights")
    with pytest.raises(TaskExists):
        world.tasks.add(make_task())
    world.log.update(number, lambda known: known.lose(world.clock.now(), "its machine is gone"))
    world.delete_task()
    assert world.tasks.add(make_task()).schema_version == 2


def test_a_process_that_hangs_is_not_waited_for_for_ever(world):
    _, hanging = world.start()
    world.deploy(world.train())
    world.hang(hanging)
    began = world.clock.now()
    world.delete_task()
    assert world.clock.now() - began < timedelta(minutes=1)


def test_data_on_their_way_are_refused(world):
    task = world.tasks.get("flights")

    def tables():
        yield make_table(task, 20, 5)
        world.delete_task()
        world.tasks.add(make_task())

    with pytest.raises(Conflict, match="deleted meanwhile"):
        world.store.append(task, tables())
    assert not world.store.versions("flights")


def test_answers_that_come_late_go_and_those_of_the_next_task_stay(world):
    old, last = world.train(), world.train()
    world.delete_experiment(last)
    world.delete_task()
    world.tasks.add(make_task())
    new = world.train(schema_version=2)
    for number in (old, last, new):
        world.predictions.add([SpooledRows(f"e{number}", make_answered(3, f"r{number}", experiment_id=number))])
    clear = ClearDeleted(world.history, world.traces)
    assert clear.execute() == 6 and clear.execute() == 0
    assert {row.experiment_id for row in world.predictions.newest(Wanted("flights"), 10)} == {new}


def test_a_candidate_stays_until_its_rollout_ends(world):
    world.deploy(world.train())
    candidate = world.train()
    world.roll_out(candidate)
    with pytest.raises(Conflict, match=f"experiment {candidate} is the canary of the task flights; abort the rollout"):
        world.delete_experiment(candidate)
    world.add(7)
    newer = world.train(dataset_version=2)
    world.roll_out(newer)
    with pytest.raises(Conflict, match=f"experiment {newer}, which is a canary, learned from it; abort the rollout"):
        world.undo()
    world.abort()
    assert world.undo().version == 2
    assert world.delete_experiment(candidate).id == candidate
