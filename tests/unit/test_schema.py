"""What the columns are for."""
from __future__ import annotations

import numpy as np
import pytest

from domain.columns import ColumnType
from domain.errors import InvalidInput
from domain.kinds.kind import Problem
from domain.schema import REQUEST_ID, ROW_NO, Column, Role, Schema
from tests.builders import DAY, FEATURES, LATE, ROW_ID, TEMP, make_schema, make_task, texts

X = Column("x", ColumnType.NUMBER)
Y = Column("y", ColumnType.NUMBER, Role.TARGET, nullable=False)


def test_columns_by_what_they_are_for():
    schema = make_schema()
    assert schema.features == FEATURES
    assert schema.target.name == LATE
    assert schema.spare_names == {DAY, ROW_ID, LATE, REQUEST_ID, ROW_NO}
    assert [column.name for column in schema.stored] == [DAY, *(column.name for column in FEATURES), LATE]
    assert TEMP in schema and "other" not in schema and 5 not in schema
    assert schema[TEMP].type is ColumnType.NUMBER


@pytest.mark.parametrize(("columns", "where"), [
    ((X, X, Y), ["column x"]), ((X,), ["columns"]), ((X, Y, Column("z", ColumnType.NUMBER, Role.TARGET)), ["columns"]),
    ((Y,), ["columns"]), ((), ["columns", "columns"]), ((Column("", ColumnType.NUMBER), Y), ["columns"]),
    ((X, Y, Column("probabilities", ColumnType.NUMBER)), ["column probabilities"]),
])
def test_schemas_that_cannot_be_used(columns, where):
    with pytest.raises(InvalidInput) as failure:
        Schema(columns)
    assert [fault.where for fault in failure.value.faults] == where


def test_an_answers_name_is_free_for_what_the_model_does_not_take():
    assert Schema((X, Y, Column("prediction", ColumnType.NUMBER, Role.IGNORED))).features == (X,)


@pytest.mark.parametrize(("problem", "targets", "positions"), [
    (Problem.BINARY, ["0", "1", "1"], [0, 1, 1]), (Problem.BINARY, ["1.0", "0.0", "1"], [1, 0, 1]),
    (Problem.BINARY, [], []),
    (Problem.MULTICLASS, ["late", "вовремя", 'cancelled, "sick"'], [1, 0, 2]),
])
def test_labels_as_positions(problem, targets, positions):
    found = make_task(problem).targets(texts(targets))
    assert (found.tolist(), found.dtype) == (positions, np.int64)


@pytest.mark.parametrize("labels", [("False", "True"), ("false", "true")])
def test_true_and_false_in_capitals(labels):
    found = make_task(labels=labels).targets(texts(["TRUE", "True", "true", "FALSE"]))
    assert found.tolist() == [1, 1, 1, 0]


def test_unknown_labels_are_named_by_their_rows():
    with pytest.raises(InvalidInput) as failure:
        make_task().targets(texts(["0", "yes", "1", ""] + ["2"] * 200))
    faults = failure.value.faults
    assert [fault.where for fault in faults[:3]] == [f"row {row}, column late" for row in (2, 4, 5)]
    assert (faults[0].problem, len(faults)) == ('"yes" is none of the labels 0, 1', 100)


def test_the_last_label_is_the_positive_one():
    assert make_task().positive == 1
