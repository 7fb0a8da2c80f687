"""Columns that give the target away, and a label that nearly all rows have."""
from __future__ import annotations

import numpy as np
import pytest

from domain.columns import ColumnType
from domain.even_sample import EvenSample
from domain.kinds.kind import Kind, Problem
from domain.leaks import explained, leaks, lopsided
from domain.schema import Column, Role, Schema
from domain.table import Table
from domain.task import Task

RNG = np.random.default_rng(5)
ROWS = 400
FLAGS = RNG.integers(0, 2, ROWS)
NOISE = RNG.normal(size=ROWS)
PRICE = np.exp(RNG.normal(size=ROWS))


def task_of(problem: Problem, *types: ColumnType, labels: tuple = ()) -> Task:
    target = ColumnType.NUMBER if problem is Problem.REGRESSION else ColumnType.CATEGORY
    features = [Column(f"x{number}", kind) for number, kind in enumerate(types)]
    return Task("a", Kind.TABULAR, problem, Schema((*features, Column("y", target, Role.TARGET, nullable=False))),
                labels)


BINARY = task_of(Problem.BINARY, ColumnType.NUMBER, ColumnType.CATEGORY, labels=("0", "1"))
REGRESSION = task_of(Problem.REGRESSION, ColumnType.NUMBER, ColumnType.CATEGORY)


def texts(values) -> np.ndarray:
    return np.array([str(value) for value in values], dtype=object)


def test_a_number_that_is_there_for_one_class_alone():
    """As the number of a lifeboat is: whoever has one was saved."""
    boat = np.where(FLAGS == 1, RNG.integers(1, 16, ROWS), np.nan)
    found = leaks(BINARY, Table({"x0": boat, "x1": texts(RNG.integers(0, 3, ROWS)), "y": texts(FLAGS)}))
    assert found == ["x0 alone explains 100.0% of y: if it is known only afterwards, ignore it"]


def test_the_target_in_other_words_and_the_most_telling_first():
    words = np.where(FLAGS == 1, "left", "stayed")
    words[:8] = "stayed"
    found = leaks(BINARY, Table({"x0": FLAGS * 2.0, "x1": texts(words), "y": texts(FLAGS)}))
    assert [warning.split()[0] for warning in found] == ["x0", "x1"]


@pytest.mark.parametrize("given", [PRICE * 1.2 + 3, -np.log(PRICE), np.round(PRICE * 100)], ids=["+", "log", "cut"])
def test_a_number_that_rises_with_the_target(given):
    found = leaks(REGRESSION, Table({"x0": given, "x1": texts(RNG.integers(0, 3, ROWS)), "y": PRICE}))
    assert len(found) == 1 and found[0].startswith("x0 alone explains")


def test_what_honest_data_hold_is_no_leak():
    """A feature with a correlation of 0.9 to the target, an id of each row, and noise."""
    near = np.log(PRICE) + 0.5 * NOISE
    assert leaks(REGRESSION, Table({"x0": near, "x1": texts(range(ROWS)), "y": PRICE})) == []
    likely = FLAGS + 0.35 * NOISE
    assert leaks(BINARY, Table({"x0": likely, "x1": texts(range(ROWS)), "y": texts(FLAGS)})) == []


def test_too_little_to_judge_by():
    rare = texts(np.arange(ROWS) < 9)
    labels = task_of(Problem.BINARY, ColumnType.NUMBER, labels=("False", "True"))
    assert leaks(labels, Table({"x0": (np.arange(ROWS) < 9) * 1.0, "y": rare})) == []
    few = slice(0, 30)
    assert leaks(REGRESSION, Table({"x0": PRICE, "x1": texts(FLAGS), "y": PRICE}).take(few)) == []


def test_a_column_without_any_value_explains_nothing():
    assert explained(np.full(ROWS, np.nan), FLAGS[:, None] * 1.0) == pytest.approx(0, abs=0.02)
    assert explained(NOISE, np.ones((ROWS, 1))) == 0


@pytest.mark.parametrize(("ones", "told"), [(200, False), (36, True), (0, False)])
def test_a_label_that_nearly_all_rows_have(ones, told):
    labels = texts(np.arange(ROWS) < ones)
    task = task_of(Problem.BINARY, ColumnType.NUMBER, labels=("False", "True"))
    found = lopsided(task, Table({"x0": NOISE, "y": labels}))
    assert found == (["91.0% of the rows have the label False, so always saying it has that accuracy: judge by "
                      "average_precision, and try class_weights: balanced"] if told else [])
    assert lopsided(REGRESSION, Table({"x0": NOISE, "y": np.ones(ROWS)})) == []


@pytest.mark.parametrize("sizes", [[100], [1] * 100, [30, 0, 70], [99, 1]])
@pytest.mark.parametrize("most", [1, 7, 64, 200])
def test_a_sample_is_the_same_however_the_rows_come(sizes, most):
    whole, parted = EvenSample(most), EvenSample(most)
    rows = np.arange(sum(sizes))
    whole.add(Table({"n": rows}))
    for start, size in zip(np.cumsum([0, *sizes[:-1]]), sizes, strict=True):
        parted.add(Table({"n": rows[start:start + size]}))
    found = parted.table["n"]
    assert found.tolist() == whole.table["n"].tolist() and found[0] == 0
    assert min(len(rows), -(-most // 2)) <= len(found) <= most
    assert len(set(np.diff(found))) <= 1
