"""Which part a row belongs to, for ever."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.splitting import part, split
from domain.table import Table, concat
from domain.task import Split
from tests.builders import assert_same_table, texts

DAYS = [f"2013-01-{day:02}" for day in range(1, 21)]
days = st.lists(st.dates().map(str), min_size=1, max_size=30)
rules = st.builds(Split, by=st.just("day"), prefix_chars=st.integers(1, 12), holdout=st.floats(0.05, 0.5),
                  valid=st.floats(0.05, 0.4), seed=st.integers(0, 2**63 - 1))


def by_day(values: list[str]) -> Table:
    return Table({"day": texts(values), "x": np.arange(len(values), dtype=np.float32)})


def positions(n_rows: int) -> Table:
    return Table({"x": np.arange(n_rows, dtype=np.float32)})


@given(rules, days, days)
def test_more_data_moves_no_row_and_groups_stay_together(rule, first, more):
    before, after = split(by_day(first), rule), split(by_day(first + more), rule)
    np.testing.assert_array_equal(after[:len(first)], before)
    groups: dict[str, set[int]] = {}
    for day, number in zip(first + more, after.tolist(), strict=True):
        groups.setdefault(day[:rule.prefix_chars], set()).add(number)
    assert all(len(numbers) == 1 for numbers in groups.values())
    np.testing.assert_array_equal(split(by_day(first[::-1]), rule), before[::-1])


@given(st.integers(1, 300), st.lists(st.integers(0, 300), max_size=4), st.integers(0, 2**63 - 1))
def test_single_rows_are_parted_by_their_place_in_all_data(n_rows, cuts, seed):
    rule, table = Split(seed=seed), positions(n_rows)
    ends = [0, *sorted(min(cut, n_rows) for cut in cuts), n_rows]
    pieces = [split(table.take(slice(start, stop)), rule, start) for start, stop in zip(ends, ends[1:], strict=False)]
    np.testing.assert_array_equal(np.concatenate(pieces), split(table, rule))


@pytest.mark.parametrize(("holdout", "valid"), [(0.2, 0.1), (0.5, 0.25), (0.01, 0.98)])
@pytest.mark.parametrize("by", [None, "day"])
def test_the_shares_are_those_of_the_rule(by, holdout, valid):
    rule = Split(by, 20, holdout, valid)
    table = positions(20_000) if by is None else by_day([f"группа {number}" for number in range(20_000)])
    shares = np.bincount(split(table, rule), minlength=3) / 20_000
    assert shares == pytest.approx([1 - holdout - valid, valid, holdout], abs=0.012)


@pytest.mark.parametrize("by", [None, "day"])
def test_another_seed_parts_otherwise(by):
    table = by_day([f"день {number}" for number in range(300)])
    one, other = (split(table, Split(by, seed=seed)) for seed in (1, 2))
    assert 0.2 < np.mean(one != other) < 0.7


def test_no_pattern_in_what_is_held_out():
    held_out = split(positions(10_000), Split()) == 2
    assert abs(np.corrcoef(held_out[:-1], held_out[1:])[0, 1]) < 0.03
    halves = held_out.reshape(2, -1).mean(axis=1)
    assert abs(halves[0] - halves[1]) < 0.03


def test_the_parts_of_a_known_version_are_pinned():
    # A change of the rule would move rows that older experiments held out.
    by_position, by_group = split(positions(20), Split()), split(by_day(DAYS), Split("day"))
    assert by_position.tolist() == [2, 2, 2, 0, 0, 1, 0, 0, 2, 0, 0, 2, 2, 0, 0, 2, 0, 0, 0, 0]
    assert by_group.tolist() == [0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0]


def test_the_parts_put_together_are_the_table_in_order():
    table = positions(200)
    parts = part(table, Split())
    whole = concat([parts.train, parts.valid, parts.test])
    assert sorted(whole["x"].tolist()) == table["x"].tolist()
    for piece in (parts.train, parts.valid, parts.test):
        assert piece["x"].tolist() == sorted(piece["x"].tolist())
    assert_same_table(parts.test, table.take(split(table, Split()) == 2))


def test_too_few_rows():
    with pytest.raises(InvalidInput, match="3 rows are too few"):
        part(positions(3), Split())
    with pytest.raises(InvalidInput):
        part(by_day(["2013-01-01"] * 100), Split("day"))


def test_no_rows():
    assert split(positions(0), Split()).tolist() == []
    assert split(by_day([]), Split("day")).tolist() == []
