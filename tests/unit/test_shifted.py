"""Rows whose cells stand beside their columns."""
from __future__ import annotations

import numpy as np
import pytest

from domain.rows import TextRows
from domain.shifted import ShiftedRows

NAMES = ["name", "sex", "age", "city", "income", "class"]
CITIES, CLASSES = ("Omsk", "Tula", "Ufa"), ("low", "high")


def people(n_rows=60):
    random = np.random.default_rng(3)
    return [[f"Smith {row}", ("male", "female")[row % 2], str(random.integers(20, 90)), CITIES[random.integers(3)],
             f"{random.normal() * 100:.1f}", CLASSES[random.integers(2)]] for row in range(n_rows)]


def text(rows, names=NAMES, first_row=1):
    return TextRows({name: [row[at] for row in rows] for at, name in enumerate(names)}, first_row)


def faults(rows, names=NAMES):
    return ShiftedRows(text(rows, names)).faults(text(rows, names))


def to_right(row, at, cell=""):
    return [*row[:at], cell, *row[at:-1]]


def to_left(row, at):
    return [*row[:at], *row[at + 1:], ""]


@pytest.mark.parametrize(("change", "word"), [
    (lambda row: to_right(row, 1, "John"), "right"), (lambda row: to_right(row, 2), "right"),
    (lambda row: to_right(row, 0), "right"), (lambda row: to_left(row, 0), "left"),
    (lambda row: to_left(row, 2), "left"),
    (lambda row: [*row[:2], *row[3:5], "", row[5]], "left")])
def test_a_shifted_row_is_named(change, word):
    rows = people()
    rows[6] = change(rows[6])
    found, = faults(rows)
    assert found.where == "row 7" and found.row == 7 and f"too far to the {word}" in found.problem


def test_its_cells_are_named():
    rows = people()
    rows[6] = ["Smith", "John", "male", "40", "Omsk", "12.5"]
    assert [fault.problem for fault in faults(rows)] == [
        'has cells that stand one column too far to the right: "male" in column age, "40" in column city, '
        '"Omsk" in column income']


@pytest.mark.parametrize("change", [
    lambda row: [*row[:3], "Perm", *row[4:]],  # a city that is new
    lambda row: [*row[:3], "7", *row[4:]],  # one slip
    lambda row: [*row[:3], "male", *row[4:]],  # of a column that is no neighbour
    lambda row: [""] * 6, lambda row: ["new", "diverse", "", "nowhere", "0", "middle"],
    lambda row: [*row[:2], "old", *row[3:]]])
def test_a_row_that_is_odd_and_not_shifted(change):
    rows = people()
    rows[6] = change(rows[6])
    assert not faults(rows)


def test_columns_of_the_same_values_tell_nothing():
    """A diagnosis that was never the second before is a new one, though it was a first."""
    random = np.random.default_rng(1)
    rows = [[f"d{random.integers(3)}", f"d{random.integers(3)}", f"d{random.integers(3)}"] for _ in range(60)]
    rows[5] = ["d9", "d0", "d1"]
    assert not faults(rows, ["first", "second", "third"])


def test_numbers_alone_and_few_rows_tell_nothing():
    numbers = [[str(row), str(row / 7), str(row % 5)] for row in range(60)]
    numbers[5] = to_right(numbers[5], 0)
    assert not faults(numbers, ["a", "b", "c"])
    few = people(10)
    few[3] = to_right(few[3], 2)
    assert not faults(few)


def test_what_the_first_rows_hold_tells_of_all_others():
    rows = people(200)
    shifted = ShiftedRows(text(rows[:100]))
    rows[150] = to_right(rows[150], 2)
    assert not shifted.faults(text(rows[:100])) and not shifted.faults(text(rows[160:], first_row=161))
    assert [fault.where for fault in shifted.faults(text(rows[100:160], first_row=101))] == ["row 151"]


def test_no_more_faults_than_can_be_read():
    rows = people(400)
    shifted = ShiftedRows(text(rows))
    assert len(shifted.faults(text([to_right(row, 2) for row in rows]))) == 100
