"""The contract of the port DataKeeper, over the store whose data it keeps."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from adapters.sqlmodel import feature_store
from adapters.sqlmodel.data_keeper import SqlmodelDataKeeper
from adapters.sqlmodel.feature_store import SqlmodelFeatureStore
from application.ports.data_keeper import DataKeeper
from application.ports.feature_store import FeatureStore, UnknownDatasetVersion
from domain.columns import ColumnType
from domain.dataset import DatasetVersion
from domain.errors import Conflict
from domain.kinds.kind import Kind, Problem
from domain.schema import Column, Role, Schema
from domain.table import Table, concat
from domain.task import Task
from tests.builders import assert_same_table
from tests.fakes.clock import FixedClock
from tests.fakes.data_keeper import InMemoryDataKeeper
from tests.fakes.feature_store import InMemoryFeatureStore

NUMBER, CATEGORY = ColumnType.NUMBER, ColumnType.CATEGORY
# The first two would have one name in a database, were their case ignored.
TASK = Task("flights", Kind.TABULAR, Problem.BINARY, Schema((
    Column("a", NUMBER, Role.IGNORED), Column("A", NUMBER), Column("word", CATEGORY, Role.IGNORED),
    Column("c", CATEGORY), Column("late", CATEGORY, Role.TARGET, nullable=False))), labels=("no", "yes"))


def taken_in(task: Task, *names: str) -> Task:
    version = task.schema_version + 1
    return replace(task, schema_version=version, schema=Schema(tuple(
        replace(column, role=Role.FEATURE, since=version) if column.name in names else column
        for column in task.schema.columns)))


def rows(start: int, stop: int, task: Task = TASK) -> Table:
    return Table({column.name: np.arange(start, stop, dtype=np.float64) if column.type is NUMBER
                  else np.array([f"{column.name} {number}" for number in range(start, stop)], dtype=object)
                  for column in task.schema.stored})


@dataclass(frozen=True)
class World:
    store: FeatureStore
    keeper: DataKeeper

    def read(self, version: int, task: Task = TASK, **how) -> Table:
        return concat(list(self.store.read(task, version, **how)))

    def undo(self) -> DatasetVersion:
        return self.keeper.undo(TASK.name, lambda _: None)

    def numbers(self) -> list[int]:
        return [version.version for version in self.store.versions(TASK.name)]


@pytest.fixture
def world(database_or_none) -> Iterator[World]:
    clock = FixedClock()
    if database_or_none is None:
        store = InMemoryFeatureStore(clock)
        return World(store, InMemoryDataKeeper(store))
    return World(SqlmodelFeatureStore(database_or_none, clock), SqlmodelDataKeeper(database_or_none))


def test_the_newest_version_goes_and_the_others_stay(world):
    for start in (0, 10, 20):
        world.store.append(TASK, [rows(start, start + 10)])
    third = world.store.versions(TASK.name)[2]
    assert world.undo() == third
    assert world.numbers() == [1, 2]
    assert_same_table(world.read(2), rows(0, 20))
    with pytest.raises(UnknownDatasetVersion):
        world.store.read(TASK, 3)


def test_its_number_is_not_given_again_and_its_rows_may_come_again(world):
    for start in (0, 10):
        world.store.append(TASK, [rows(start, start + 10)])
    undone = world.undo()
    again = world.store.append(TASK, [rows(10, 20)])
    assert not again.duplicate
    assert (again.version.version, again.version.rows, again.version.digest) == (3, 20, undone.digest)
    assert again.version.fingerprint == undone.fingerprint, "of the same rows"
    assert_same_table(world.read(3), rows(0, 20))
    assert_same_table(world.read(3, after=1), rows(10, 20))
    assert_same_table(world.read(3, after=2), rows(10, 20))
    assert world.numbers() == [1, 3]


def test_one_after_the_other_until_there_is_nothing(world):
    for start in (0, 10):
        world.store.append(TASK, [rows(start, start + 10)])
    assert [world.undo().version, world.undo().version] == [2, 1]
    assert world.numbers() == []
    with pytest.raises(UnknownDatasetVersion):
        world.undo()
    fresh = world.store.append(TASK, [rows(5, 8)]).version
    assert (fresh.version, fresh.rows) == (3, 3)
    assert_same_table(world.read(3), rows(5, 8))


def test_a_decision_may_keep_it(world):
    world.store.append(TASK, [rows(0, 3)])

    def refuse(version: DatasetVersion) -> None:
        assert version == world.store.versions(TASK.name)[0]
        raise Conflict("it serves")

    with pytest.raises(Conflict, match="it serves"):
        world.keeper.undo(TASK.name, refuse)
    assert_same_table(world.read(1), rows(0, 3))


@pytest.mark.parametrize("name", ["nope", "", "\0", "a'; --"])
def test_there_is_nothing_to_undo(world, name):
    with pytest.raises(UnknownDatasetVersion):
        world.keeper.undo(name, lambda _: None)


def test_a_column_that_is_taken_in_has_no_value_in_the_rows_that_are_there(world):
    world.store.append(TASK, [rows(0, 3)])
    task = taken_in(TASK, "a", "word")
    world.keeper.make_room(task)
    world.keeper.make_room(task)
    old = world.read(1, task)
    assert list(old.columns) == ["a", "A", "word", "c", "late"]
    assert np.isnan(old["a"]).all() and old["word"].tolist() == ["", "", ""]
    assert_same_table(old.select(["A", "c", "late"]), rows(0, 3))
    world.store.append(task, [rows(3, 6, task)])
    both = world.read(2, task)
    assert both["a"].tolist()[3:] == [3.0, 4.0, 5.0] and both["word"].tolist()[3:] == ["word 3", "word 4", "word 5"]
    assert_same_table(world.read(2), rows(0, 6))
    assert world.read(2, task, columns=["word", "A"])["word"].tolist()[:3] == ["", "", ""]


def test_columns_are_taken_in_one_after_the_other(world):
    world.store.append(TASK, [rows(0, 2)])
    first = taken_in(TASK, "word")
    second = taken_in(first, "a")
    for number, task in enumerate((first, second), start=1):
        world.keeper.make_room(task)
        world.store.append(task, [rows(2 * number, 2 * number + 2, task)])
    found = world.read(3, second)
    assert found["word"].tolist() == ["", "", "word 2", "word 3", "word 4", "word 5"]
    assert found["A"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert np.isnan(found["a"][:4]).all() and found["a"][4:].tolist() == [4.0, 5.0]


def test_room_is_made_where_there_are_no_data_yet(world):
    task = taken_in(TASK, "a")
    world.keeper.make_room(task)
    world.store.append(task, [rows(0, 2, task)])
    assert_same_table(world.read(1, task), rows(0, 2, task))


def test_all_data_of_a_task_go_and_those_of_another_stay(world):
    other = replace(TASK, name="flights_2")
    for task in (TASK, other):
        world.store.append(task, [rows(0, 3)])
    world.undo()
    world.store.append(TASK, [rows(3, 6)])
    world.keeper.drop(TASK.name, 1)
    world.keeper.drop(TASK.name, 1)
    world.keeper.drop("never", 1)
    assert world.numbers() == []
    assert_same_table(concat(list(world.store.read(other, 1))), rows(0, 3))


def test_a_later_task_of_that_name_may_have_other_columns_and_begins_anew(world):
    world.store.append(TASK, [rows(0, 3)])
    world.keeper.drop(TASK.name, TASK.schema_version)
    task = replace(TASK, schema_version=2, schema=Schema((
        Column("A", CATEGORY), Column("late", CATEGORY, Role.TARGET, nullable=False))))
    appended = world.store.append(task, [rows(0, 3, task)])
    assert not appended.duplicate and appended.version.version == 1
    assert_same_table(world.read(1, task), rows(0, 3, task))


def test_a_batch_that_was_on_its_way_is_refused(world):
    world.store.append(TASK, [rows(0, 3)])

    def arriving() -> Iterator[Table]:
        yield rows(3, 6)
        world.keeper.drop(TASK.name, TASK.schema_version)
        yield rows(6, 9)

    with pytest.raises(Conflict):
        world.store.append(TASK, arriving())
    with pytest.raises(Conflict):
        world.store.append(TASK, [rows(0, 3)])
    assert world.numbers() == [] and world.store.sweep() == 0


def test_a_batch_half_of_which_was_stored_is_refused(world, monkeypatch):
    monkeypatch.setattr(feature_store, "STAGE_CELLS", 3)
    test_a_batch_that_was_on_its_way_is_refused(world)


def test_who_reads_while_it_is_removed_is_told(world):
    world.store.append(TASK, [rows(0, 10)])
    reading = world.store.read(TASK, 1, chunk_rows=2)
    assert next(reading).n_rows == 2
    world.undo()
    # What is in memory may be read to its end.
    try:
        assert sum(table.n_rows for table in reading) == 8
    except UnknownDatasetVersion:
        pass


def test_an_undoing_that_did_not_end_is_ended_by_the_sweep(database, monkeypatch):
    store, keeper = SqlmodelFeatureStore(database, FixedClock()), SqlmodelDataKeeper(database)
    for start in (0, 10):
        store.append(TASK, [rows(start, start + 10)])
    with monkeypatch.context() as patched:
        patched.setattr("adapters.sqlmodel.data_keeper.delete_rows", _die)
        with pytest.raises(KeyboardInterrupt):
            keeper.undo(TASK.name, lambda _: None)
    assert [version.version for version in store.versions(TASK.name)] == [1]
    assert _stored(database) == 20
    store.sweep()
    assert _stored(database) == 10
    assert store.append(TASK, [rows(10, 20)]).version.version == 3


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def _stored(database) -> int:
    with database.read() as session:
        return session.connection().exec_driver_sql("SELECT count(*) FROM features_flights").scalar()
