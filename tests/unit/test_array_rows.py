"""Rows that come as arrays are what the same rows are as JSON."""
from __future__ import annotations

import numpy as np
import pytest

from domain.columns import ColumnType
from domain.errors import InvalidInput
from domain.rows import ArrayRows, AskedArrays, ValueRows
from domain.schema import Column

COLUMNS = (Column("temp", ColumnType.NUMBER), Column("size", ColumnType.NUMBER, nullable=False),
           Column("carrier", ColumnType.CATEGORY, missing=("?",)), Column("code", ColumnType.CATEGORY, digits=3),
           Column("late", ColumnType.BOOLEAN))
CELLS = {"temp": np.array([1.5, np.nan]), "size": np.array([3, 4], np.int16),
         "carrier": np.array([" UA", "?"], dtype=object), "code": np.array([7, 101], np.int64),
         "late": np.array([True, False])}
VALUES = {"temp": [1.5, None], "size": [3, 4], "carrier": [" UA", "?"], "code": [7, 101], "late": [True, False]}


def test_arrays_and_values_give_one_table():
    arrays, values = ArrayRows(CELLS).coerce(COLUMNS), ValueRows(VALUES).coerce(COLUMNS)
    assert list(arrays.columns) == list(values.columns) == [column.name for column in COLUMNS]
    for name in arrays.columns:
        assert arrays[name].dtype == values[name].dtype
        np.testing.assert_array_equal(arrays[name], values[name])


def test_what_came_is_not_changed():
    before = {name: cells.copy() for name, cells in CELLS.items()}
    ArrayRows(CELLS).coerce(COLUMNS)
    for name, cells in CELLS.items():
        np.testing.assert_array_equal(cells, before[name])


@pytest.mark.parametrize(("name", "cells", "words"), [
    ("size", np.array([1.0, np.nan]), "row 8, column size"), ("size", np.array([1.0, np.inf]), "Infinity"),
    ("temp", np.array([1e300, 1.0]), "row 7, column temp"), ("temp", np.array([True, False]), "expected a number"),
    ("carrier", np.array([1.5, 2.5]), ""), ("late", np.array([3, 1]), "true or false"),
    ("temp", np.array(["1", "2"], dtype=object), "expected a number")])
def test_faults_name_row_and_column(name, cells, words):
    rows = ArrayRows(CELLS | {name: cells}, first_row=7)
    if not words:  # a number that stands in a column of texts is its text, as in a file
        assert rows.coerce(COLUMNS)[name].tolist() == ["1.5", "2.5"]
        return
    with pytest.raises(InvalidInput, match=words):
        rows.coerce(COLUMNS)


def test_columns_that_are_missing_or_unknown():
    with pytest.raises(InvalidInput) as raised:
        ArrayRows({"temp": CELLS["temp"], "colour": CELLS["late"]}).coerce(COLUMNS, ("size",))
    assert [fault.where for fault in raised.value.faults] == [
        "column size", "column carrier", "column code", "column late", "column colour"]


def test_a_few_columns_can_be_left_out():
    rows = ArrayRows(CELLS, first_row=5).without(["late", "code"])
    assert (list(rows.names), rows.n_rows, rows.first_row) == (["temp", "size", "carrier"], 2, 5)


@pytest.mark.parametrize(("cells", "dtype"), [
    (np.array([1.5, 0.1], np.float32), np.float32), (np.array([1.5, np.nan], np.float32), np.float64),
    (np.array([1.5, 0.1]), np.float64), (np.array([1, 2], np.int32), np.float64)], ids=str)
def test_what_is_only_asked_stays_float32(cells, dtype):
    rows = CELLS | {"temp": cells}
    asked, table = AskedArrays(rows).coerce(COLUMNS), ArrayRows(rows).coerce(COLUMNS)
    assert asked["temp"].dtype == dtype
    for name in CELLS:
        assert name == "temp" or asked[name].dtype == table[name].dtype
        np.testing.assert_array_equal(asked[name], table[name])


@pytest.mark.parametrize("cells", [np.array([1.5, np.inf], np.float32), np.array([1.5, 0.1], np.float32)], ids=str)
def test_what_is_only_asked_has_the_faults_of_any_other(cells):
    """An infinite number, and numbers where texts are wanted."""
    found = []
    for kind in (AskedArrays, ArrayRows):
        try:
            found.append(kind(CELLS | {"temp": cells, "late": cells}).coerce(COLUMNS))
        except InvalidInput as fault:
            found.append([(one.where, one.problem) for one in fault.faults])
    assert found[0] == found[1] and found[0]
