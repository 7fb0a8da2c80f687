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
from domain.kinds.kind import Kind, Problem
from domain.schema import Column, Role, Schema
from domain.task import Split, Task, Training
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
    training=Training(iterations=9, learning_rate=0.3), description="Опоздает \U0001f6eb?",
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
        catalog.add(replace(TASK, training=Training(iterations=10)))
    assert catalog.get("flights") == TASK


def test_of_two_definitions_added_at_once_one_wins(catalog):
    def add(iterations: int) -> bool:
        try:
            catalog.add(replace(TASK, training=Training(iterations=iterations)))
        except TaskExists:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(add, range(1, 9)))
    assert won.count(True) == 1
    assert catalog.get("flights").training.iterations == won.index(True) + 1
