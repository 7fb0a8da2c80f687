from __future__ import annotations

import pytest

from application.use_cases.choose_task import ChooseTask
from domain.columns import ColumnType
from domain.errors import InvalidInput
from domain.kinds.kind import Kind, Problem
from domain.schema import Column, Role, Schema
from domain.task import Task
from tests.builders import make_task
from tests.fakes.task_catalog import InMemoryTaskCatalog

ONE, TWO = make_task(), make_task(name="prices")
PICTURE = Task("nuclei", Kind.IMAGE, Problem.SEGMENTATION, Schema((
    Column("image", ColumnType.PICTURE, nullable=False),
    Column("mask", ColumnType.MASK, Role.TARGET, nullable=False))), ("background", "nucleus"))


def choose(tasks, name=None, kind=Kind.TABULAR, **defaults) -> str:
    by_kind = {Kind.TABULAR: "", Kind.IMAGE: ""} | {Kind(key): value for key, value in defaults.items()}
    return ChooseTask(InMemoryTaskCatalog(*tasks), by_kind).execute(name, kind)


@pytest.mark.parametrize("name", ["flights", "unknown", "\0"])
def test_the_one_that_is_named(name):
    assert choose([ONE, TWO], name, tabular="prices") == name


def test_the_default_of_the_kind():
    assert choose([ONE, TWO, PICTURE], tabular="prices") == "prices"
    assert choose([ONE, TWO, PICTURE], "", tabular="prices") == "prices"


def test_the_only_one_of_the_kind():
    assert choose([ONE, PICTURE]) == "flights"
    assert choose([ONE, PICTURE], kind=Kind.IMAGE) == "nuclei"
    assert choose([ONE, TWO, PICTURE], kind=Kind.IMAGE, tabular="prices") == "nuclei"


def test_it_stays_open():
    with pytest.raises(InvalidInput, match="there are flights, prices"):
        choose([TWO, ONE, PICTURE])
    with pytest.raises(InvalidInput, match="image task .* there is none"):
        choose([ONE], kind=Kind.IMAGE)
