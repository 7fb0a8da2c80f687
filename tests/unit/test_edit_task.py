from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from application.use_cases.edit_task import EditTask
from application.use_cases.retrain import Retrain, RetrainRequest
from domain.errors import Conflict, InvalidInput
from domain.history import Act
from domain.kinds.kind import Problem
from domain.table import Table
from tests.builders import CARRIER, DISTANCE, ENGINE, LATE, ROW_ID, TEMP, make_table, make_task, texts
from tests.fakes.data_keeper import InMemoryDataKeeper
from tests.fakes.executor import ThreadExecutor
from tests.fakes.history import InMemoryHistory
from tests.fakes.model_runner import linear_model, with_probe
from tests.unit.serving import Service, stamped


class World(Service):
    def __init__(self, task=None) -> None:
        super().__init__(task)
        self.history = InMemoryHistory()
        self.keeper = InMemoryDataKeeper(self.store)
        self._edit = EditTask(self.tasks, self.store, self.keeper, self.history, self.clock,
                              self.known_trainers)

    def edit(self, **changes):
        return self._edit.execute(self.task.name, changes, "anna")

    def faults(self, **changes) -> dict[str, str]:
        with pytest.raises(InvalidInput) as refused:
            self.edit(**changes)
        assert self.tasks.get(self.task.name).schema_version == 1 and not self.history.newest()
        return {fault.where: fault.problem for fault in refused.value.faults}


@pytest.fixture
def world() -> World:
    return World()


def test_a_change_is_a_schema_version_and_stands_in_the_history(world):
    changed = world.edit(description="new", columns={TEMP: {"private": True}})
    assert changed.schema_version == 2 and world.tasks.get("flights") == changed
    entry, = world.history.newest("flights")
    assert (entry.act, entry.by, entry.at) == (Act.TASK_CHANGED, "anna", world.clock.now())
    assert entry.detail["schema_version"] == 2 and entry.detail["description"]["after"] == "new"
    assert list(entry.detail["columns"]) == [TEMP]


def test_what_changes_nothing_is_no_version(world):
    assert world.edit(description=world.task.description).schema_version == 1
    assert not world.history.newest()


def test_what_the_rows_contradict_is_refused_all_at_once(world):
    blank = int(np.count_nonzero(np.isnan(make_table(world.task, 240)[TEMP])))
    distance = make_table(world.task, 240)[DISTANCE][0]
    found = world.faults(
        split={"holdout": 0.5}, labels=[0, 1, 2], columns={
            TEMP: {"nullable": False}, ENGINE: {"nullable": False, "missing": ["Turbo-fan", "?"]},
            DISTANCE: {"missing": [str(int(distance)), "n/a"]}, ROW_ID: {"role": "feature", "nullable": False}})
    assert set(found) == {
        "split", "labels", f"column {TEMP}.nullable", f"column {ENGINE}.nullable", f"column {ENGINE}.missing",
        f"column {DISTANCE}.missing", f"column {ROW_ID}.nullable"}
    assert f"{blank} rows of dataset version 1 have no value" in found[f"column {TEMP}.nullable"]
    assert "hold Turbo-fan as a value" in found[f"column {ENGINE}.missing"]


def test_what_the_rows_allow(world):
    changed = world.edit(columns={CARRIER: {"nullable": True, "missing": ["нет"]}, DISTANCE: {"missing": ["n/a"]},
                                  ENGINE: {"missing": ["-"]}, ROW_ID: {"role": "feature"}})
    assert changed.schema_version == 2
    assert world.edit(columns={CARRIER: {"nullable": False}}).schema_version == 3
    old = next(iter(world.store.read(changed, 1)))
    assert set(old[ROW_ID].tolist()) == {""}


def test_without_data_rows_contradict_nothing():
    world = World()
    world.keeper.drop("flights", 0)
    changed = world.edit(split={"holdout": 0.5}, columns={TEMP: {"nullable": False},
                                                          ROW_ID: {"role": "feature", "nullable": False}})
    assert changed.split.holdout == 0.5 and not changed.schema[ROW_ID].nullable


def test_of_two_changes_at_once_the_later_is_told(world):
    def changing_meanwhile(task) -> None:
        world.keeper.make_room = lambda _: None
        world.edit(description="first")

    world.keeper.make_room = changing_meanwhile
    with pytest.raises(Conflict, match="somebody else"):
        world.edit(description="second")
    assert world.tasks.get("flights").description == "first"


# What serves

def served_with(world: World, schema_version: int = 1) -> int:
    task = world.tasks.get(world.task.name, schema_version)
    experiment = world.train(schema_version=schema_version)
    model = stamped(task, with_probe(task, linear_model(task), make_table(task, 8)), experiment)
    world.artifacts._contents[f"experiments/{experiment}/model.onnx"] = world.loader.stamp(
        model, {"schema_version": str(schema_version)})
    world.deploy(experiment)
    return experiment


def test_a_model_goes_on_with_its_own_columns_and_labels_and_follows_in_manner():
    world = World(make_task(Problem.MULTICLASS))
    before = served_with(world)
    world.edit(labels=[*world.task.labels, "lost"],
               columns={ROW_ID: {"role": "feature"}, TEMP: {"private": True}, CARRIER: {"nullable": True}})
    assert world.serving == before
    served = world.models.current("flights").task
    assert served.labels == world.task.labels and ROW_ID not in [column.name for column in served.schema.features]
    assert served.schema[TEMP].private and served.schema[CARRIER].nullable
    restarted, _ = world.start()
    assert restarted.current("flights").task == served, "a new process takes it over too"


def test_an_experiment_of_each_schema_version_can_be_deployed_and_rolled_back_to():
    world = World(make_task(Problem.MULTICLASS))
    old = served_with(world)
    world.edit(labels=[*world.task.labels, "lost"])
    new = served_with(world, 2)
    assert world.serving == new and world.models.current("flights").task.labels[-1] == "lost"
    assert world.roll_back().experiment_id == old
    assert world.models.current("flights").task.labels == world.task.labels


def test_an_older_model_is_compared_on_rows_with_labels_that_it_does_not_know():
    world = World(make_task(Problem.MULTICLASS))
    old = served_with(world)
    task = world.edit(labels=[*world.task.labels, "lost"])
    rows = make_table(world.task, 60, seed=3)
    world.store.append(task, [Table(dict(rows.columns) | {LATE: texts(["lost"] * 60)})])
    runner = world.models.current("flights").runner
    compared = world.compare.with_serving(task, 99, runner, 2)
    assert compared.serving_experiment_id == old and compared.serving["accuracy"] < 0.9
    assert np.isfinite(compared.serving["logloss"])


def test_a_training_names_the_schema_version(world):
    retrain = Retrain(world.tasks, world.store, world.log, ThreadExecutor(lambda _: None), world.clock, "abc",
                      world.known_trainers)
    assert retrain.execute(RetrainRequest("flights")).schema_version == 1
    world.edit(training={"depth": 2})
    later = retrain.execute(RetrainRequest("flights"))
    assert later.schema_version == 2 and later.params["depth"] == 2
    assert replace(later, schema_version=2) == world.log.get(later.id)
