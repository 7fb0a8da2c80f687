"""How sure an inferred column is, and its other reading."""
from __future__ import annotations

import pytest

from domain.columns import ColumnType
from domain.kinds.kind import Problem
from domain.reading import Certainty
from domain.schema import Role
from domain.schema_inference import TableProfile, TableWish, infer_task

ROWS = 60
TARGET = [str(row / 7) for row in range(ROWS)]
NUMBER, CATEGORY = ColumnType.NUMBER, ColumnType.CATEGORY


def infer(name, cells, target=False, problem=None):
    """The facts of one column: a feature beside a target of numbers, or the target beside a feature."""
    table = TableProfile([name, "other"])
    table.add({name: list(cells), "other": TARGET})
    found = infer_task(table, TableWish("a", name if target else "other", problem))
    return next(facts for facts in found.columns if facts.column.name == name), found.task


@pytest.mark.parametrize(("name", "cells", "certainty", "instead"), [
    ("x", (str(row * 0.5) for row in range(ROWS)), "sure", None),
    ("x", (str(row % 2) for row in range(ROWS)), "sure", None),
    ("x", (str(row % 5) for row in range(ROWS)), "likely", (CATEGORY, Role.FEATURE)),
    ("x", ("-" if row % 9 == 0 else str(row * 0.5) for row in range(ROWS)), "likely", (CATEGORY, Role.FEATURE)),
    ("x", ("cold" if row % 9 == 0 else str(row * 0.5) for row in range(ROWS)), "unsure", (CATEGORY, Role.FEATURE)),
    ("x", (("red", "blue", "green")[row % 3] for row in range(ROWS)), "sure", None),
    ("x", (("yes", "no")[row % 2] for row in range(ROWS)), "sure", None),
    ("x", ("true" if row % 2 else "" for row in range(ROWS)), "likely", (CATEGORY, Role.FEATURE)),
    ("x", (f"00{row % 7}" for row in range(ROWS)), "likely", (NUMBER, Role.FEATURE)),
    ("shop_id", (str(row % 7 + 100) for row in range(ROWS)), "likely", (NUMBER, Role.FEATURE)),
    ("x", (("1", "2", "3+")[row % 3] for row in range(ROWS)), "unsure", (NUMBER, Role.FEATURE)),
    ("x", ("NA" if row % 4 else "EU" for row in range(ROWS)), "likely", (CATEGORY, Role.FEATURE)),
    ("x", (f"1,{row % 3}" for row in range(ROWS)), "unsure", None),
    ("x", (f"1,{row}" for row in range(ROWS)), "unsure", (CATEGORY, Role.FEATURE)),
    ("x", (f"2024-01-{row % 28 + 1:02}" for row in range(ROWS)), "likely", (CATEGORY, Role.SPLIT)),
    ("x", (str(row) for row in range(ROWS)), "likely", (NUMBER, Role.FEATURE)),
    ("name", (f"name{row}" for row in range(ROWS)), "likely", (CATEGORY, Role.FEATURE)),
    ("x", ("a" for _ in range(ROWS)), "sure", None), ("x", ("" for _ in range(ROWS)), "sure", None)])
def test_a_column(name, cells, certainty, instead):
    table = TableProfile([name, "more", "other"])
    table.add({name: list(cells), "more": [f"{row * 1.5}" for row in range(ROWS)], "other": TARGET})
    found = infer_task(table, TableWish("a", "other"))
    reading = next(facts for facts in found.columns if facts.column.name == name).reading
    assert (reading.certainty, reading.instead and (reading.instead.type, reading.instead.role)) == (certainty, instead)
    assert bool(reading.why) is (reading.certainty is not Certainty.SURE)


@pytest.mark.parametrize(("cells", "certainty", "problem", "labels"), [
    ((str(row / 3) for row in range(ROWS)), "sure", None, ()),
    ((str(row % 2) for row in range(ROWS)), "sure", None, ()),
    ((str(row % 2 + 1) for row in range(ROWS)), "likely", Problem.REGRESSION, ()),
    ((str(row % 4) for row in range(ROWS)), "unsure", Problem.REGRESSION, ()),
    ((str(row % 30) for row in range(ROWS)), "likely", Problem.MULTICLASS, tuple(range(30))),
    ((("sick", "well")[row % 2] for row in range(ROWS)), "likely", Problem.BINARY, ("well", "sick")),
    ((("no", "yes")[row % 2] for row in range(ROWS)), "sure", None, ()),
    ((("a", "b", "c")[row % 3] for row in range(ROWS)), "sure", None, ())])
def test_a_target(cells, certainty, problem, labels):
    facts, _ = infer("y", cells, target=True)
    assert (facts.reading.certainty, facts.reading.problem, facts.reading.labels) == (certainty, problem, labels)


def test_what_the_owner_says_is_sure():
    facts, _ = infer("y", (str(row % 4) for row in range(ROWS)), target=True, problem=Problem.MULTICLASS)
    assert facts.reading.certainty is Certainty.SURE


@pytest.mark.parametrize(("words", "labels"), [
    (("да", "нет"), ("нет", "да")), (("Yes", "no"), ("no", "Yes")), (("on", "off"), ("off", "on")),
    (("True", "False"), ("False", "True"))])
def test_the_word_that_means_yes_is_the_positive_label(words, labels):
    _, task = infer("y", (words[row % 2] for row in range(ROWS)), target=True)
    assert task.labels == labels


def test_answers_of_a_model_are_not_learned_from():
    table = TableProfile(["x", "y", "prediction", "probability_no", "probability_yes"])
    table.add({"x": TARGET, "y": ["no", "yes"] * 30, "prediction": ["no", "yes"] * 30,
               "probability_no": TARGET, "probability_yes": TARGET})
    found = infer_task(table, TableWish("a", "y"))
    assert [column.name for column in found.task.schema.features] == ["x"]
    assert {facts.reading.certainty for facts in found.columns} == {"sure"}
    alone = TableProfile(["y", "probability_no", "probability_yes"])
    alone.add({"y": ["no", "yes"] * 30, "probability_no": TARGET, "probability_yes": TARGET})
    assert len(infer_task(alone, TableWish("a", "y")).task.schema.features) == 2
