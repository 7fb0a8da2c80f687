"""What is said of too few labels, on a Russian page: every sentence that the rules can make is known there."""
from __future__ import annotations

import numpy as np
import pytest

from domain.columns import ColumnType
from domain.few import warnings
from domain.kinds.kind import Kind, Problem
from domain.schema import Column, Role, Schema
from domain.table import Table
from domain.task import Task
from entrypoints.admin import few
from entrypoints.admin.language import language

EN, RU = language("en"), language("ru")


def said_of(labels, cells, problem=Problem.MULTICLASS):
    kind = ColumnType.CATEGORY if labels else ColumnType.NUMBER
    target = Column("y", kind, Role.TARGET, nullable=False)
    task = Task("a", Kind.TABULAR, problem, Schema((Column("x", ColumnType.NUMBER), target)), labels)
    values = np.array(cells, dtype=object if labels else np.float64)
    return warnings(task, [Table({"y": values})], [len(cells)])


MANY = [f"k{number}" for number in range(40)]
CASES = [
    (("a", "b", "c"), ["a", "b"]), (("a", "b", "c"), ["a"] * 80), (("a", "b", "c"), ["a"] * 80 + ["b"] * 80 + ["c"]),
    (tuple(MANY), MANY * 2), ((), [1.0] * 60)] + [(("a", "b", "c"), ["a", "b"] * 30 + ["c"] * count + ["a"] * more)
                                                  for count in (1, 2, 3) for more in range(12)]


@pytest.mark.parametrize(("labels", "cells"), CASES, ids=range(len(CASES)))
def test_every_warning_has_its_russian(labels, cells):
    found = said_of(labels, cells, Problem.MULTICLASS if labels else Problem.REGRESSION)
    assert found or len(cells) > 60
    for warning in found:
        assert few.said(RU, warning) != few.said(EN, warning) and "%(" not in few.said(RU, warning)
        assert few.said(EN, warning).split(":")[0] == warning.split(":")[0]


def test_all_sentences_come_up():
    beginnings = {" ".join(word for word in warning.split()[:3] if not word.isdecimal())
                  for labels, cells in CASES for warning in said_of(
                      labels, cells, Problem.MULTICLASS if labels else Problem.REGRESSION)}
    assert len(beginnings) >= 7, beginnings


@pytest.mark.parametrize(("warning", "russian"), [
    ("boat alone explains 98.5% of saved: if it is known only afterwards, ignore it",
     "объясняет 98,5\u00a0% столбца saved"),
    ("95.0% of the rows have the label no, so always saying it has that accuracy: judge by average_precision, and try "
     "class_weights: balanced", "У 95,0\u00a0% строк метка no")])
def test_what_gives_the_target_away_and_what_nearly_all_have(warning, russian):
    assert russian in few.said(RU, warning)
    assert few.said(EN, warning).split(":")[0] == warning.split(":")[0]
