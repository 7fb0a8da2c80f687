"""The oldest rows train, the newest judge; a border never moves back."""
from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.columns import ColumnType
from domain.errors import InvalidInput
from domain.few import warnings
from domain.schema import Column, Schema
from domain.splitting import TEST, TRAIN, VALID, part, parting
from domain.table import Table, concat
from domain.task import Split, Task
from domain.time_cuts import cuts
from tests.builders import LATE, make_task, texts

WHEN = "when"
RULE = Split(by_time=WHEN)
days = st.lists(st.integers(0, 60), min_size=1, max_size=40)


def rows(days: list[int]) -> Table:
    start = datetime(2012, 6, 1)
    return Table({WHEN: texts([str((start + timedelta(days=day)).date()) for day in days])})


def parts_of(*batches: list[int], rule: Split = RULE) -> np.ndarray:
    """Of the version that these batches made."""
    tables = [rows(batch) for batch in batches]
    return parting(rule, tables, np.cumsum([table.n_rows for table in tables]).tolist())(concat(tables), 0)


def test_the_oldest_train_and_the_newest_judge():
    shuffled = np.random.default_rng(1).permutation(1_000).tolist()
    parts, sorted_by = parts_of(shuffled), np.argsort(shuffled)
    assert parts[sorted_by].tolist() == [TRAIN] * 700 + [VALID] * 100 + [TEST] * 200


@pytest.mark.parametrize(("holdout", "valid"), [(0.2, 0.1), (0.5, 0.25), (0.01, 0.98)])
def test_the_shares_are_those_of_the_rule(holdout, valid):
    shares = np.bincount(parts_of(list(range(10_000)), rule=Split(by_time=WHEN, holdout=holdout, valid=valid))) / 1e4
    assert shares == pytest.approx([1 - holdout - valid, valid, holdout], abs=1e-3)


@given(days, days)
def test_rows_of_one_moment_stay_together_and_no_part_is_empty(first, more):
    both = first + more
    parts = parts_of(first, more)
    assert all(len({number for day, number in zip(both, parts, strict=True) if day == one}) == 1 for one in both)
    assert (np.diff(parts[np.argsort(both, kind="stable")].astype(int)) >= 0).all()
    assert set(parts) == {TRAIN, VALID, TEST} or len(set(both)) < 3


@given(days, days, days)
def test_a_row_only_moves_towards_training_and_what_judges_later_was_never_trained_on(first, second, third):
    one, two, three = parts_of(first), parts_of(first, second), parts_of(first, second, third)
    if TEST not in one:
        return
    assert (one >= two[:len(one)]).all() and (two >= three[:len(two)]).all()
    judging = np.array(first + second + third)[three == TEST]
    for batches, parts in ((first, one), (first + second, two)):
        trained = np.array(batches)[parts != TEST]
        assert judging.min() > trained.max()


def test_newer_rows_move_the_border_on():
    assert (parts_of(list(range(100)))[80:] == TEST).all()
    parts = parts_of(list(range(100)), list(range(100, 200)))
    assert (parts[:140] == TRAIN).all() and (parts[160:] == TEST).all()


def test_older_rows_that_come_later_train():
    parts = parts_of(list(range(1_000, 1_100)), list(range(1_000)))
    assert (parts[:100] == parts_of(list(range(1_000, 1_100)))).all() and (parts[100:] == TRAIN).all()


def test_moments_are_compared_in_utc():
    moments = ["2024-01-01T02:00:00+03:00", "2024-01-01", "2023-12-31T23:30:00", "2023-12-31T18:15:00-05:30"]
    table = Table({WHEN: texts([moment for moment in moments for _ in range(2)])})
    parts = parting(RULE, [table], [8])(table, 0)
    assert parts[::2].tolist() == [TRAIN, TEST, TRAIN, VALID]


@pytest.mark.parametrize("few", [[3], [3, 3, 3, 5]])
def test_two_moments_cannot_be_parted(few):
    assert cuts(RULE, [rows(few)], [len(few)]) is None and (parts_of(few) == TRAIN).all()
    with pytest.raises(InvalidInput, match="moments"):
        part(rows(few), RULE)


def test_the_first_version_of_three_moments_is_cut():
    assert parts_of([1, 1], [2], [3]).tolist() == [TRAIN, TRAIN, VALID, TEST]


def dated(split: Split = RULE, nullable: bool = False) -> Task:
    column = Column(WHEN, ColumnType.DATETIME, nullable=nullable)
    return make_task(schema=Schema((column, *make_task().schema.columns)), split=split)


def test_a_label_that_came_up_late_is_told_of():
    task = dated()
    table = Table({WHEN: rows(list(range(100)))[WHEN], LATE: texts(["0"] * 80 + ["1"] * 20)})
    assert warnings(task, [table], [100])[-1] == (
        "all 20 rows with the label 1 are held out (0 to stop a training, 20 to judge it), so no model can learn it: "
        "add more rows with it")


@pytest.mark.parametrize(("changes", "words"), [
    ({"by": "day"}, "by time or by groups"), ({"by_time": "nope"}, "no column nope"),
    ({"by_time": "row id"}, "ignored"), ({"by_time": "late"}, "the target"), ({"by_time": "day"}, "holds no dates")])
def test_what_rows_cannot_be_parted_by(changes, words):
    with pytest.raises(InvalidInput) as told:
        dated(replace(RULE, **changes))
    assert words in told.value.faults[0].problem and {fault.where for fault in told.value.faults} == {"split.by_time"}


def test_a_date_that_may_be_missing():
    with pytest.raises(InvalidInput, match="nullable: false"):
        dated(nullable=True)
