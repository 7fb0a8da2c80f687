"""Which part a row belongs to, for ever."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.splitting import FEW, TEST, TRAIN, VALID, moves, part, split
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
    for rows in (positions(0), positions(2)):
        with pytest.raises(InvalidInput, match=f"{rows.n_rows} rows are too few"):
            part(rows, Split())
    with pytest.raises(InvalidInput):
        part(by_day(["2013-01-01"] * 50 + ["2013-01-02"] * 50), Split("day"))


def counts(parts: np.ndarray) -> list[int]:
    """train, valid, test"""
    return np.bincount(parts, minlength=3).tolist()


def parted_of(rule: Split, tables: list[Table]) -> np.ndarray:
    """The parts of the newest version, where each table made one."""
    ends = np.cumsum([table.n_rows for table in tables]).tolist()
    whole = concat(tables)
    return split(whole, rule, 0, moves(rule, iter(tables), ends))


@given(st.integers(3, 60), st.integers(0, 2**63 - 1), st.sampled_from([None, "day"]), st.floats(0.001, 0.6),
       st.floats(0.001, 0.39))
def test_three_rows_or_groups_are_enough(n_rows, seed, by, holdout, valid):
    rule, table = Split(by, 20, holdout, valid, seed), by_day([f"day {number}" for number in range(n_rows)])
    found = counts(parted_of(rule, [table]))
    assert min(found) >= 1
    if n_rows < FEW:
        held_out = min(max(int(n_rows * holdout + 1e-9), 1), n_rows - 2)
        assert found[TEST] == held_out
        assert found[VALID] == min(max(int(n_rows * valid + 1e-9), 1), n_rows - held_out - 1)


@given(st.integers(FEW, 200), st.integers(0, 2**63 - 1), st.sampled_from([None, "day"]))
def test_of_many_rows_none_moves_unless_a_part_is_empty(n_rows, seed, by):
    rule, table = Split(by, 20, seed=seed), by_day([f"day {number}" for number in range(n_rows)])
    by_share, parts = split(table, rule), parted_of(rule, [table])
    if 0 not in counts(by_share):
        np.testing.assert_array_equal(parts, by_share)
    else:
        assert 1 <= np.count_nonzero(parts != by_share) <= 2


@given(st.lists(st.integers(1, 12), min_size=1, max_size=8), st.integers(0, 2**63 - 1), st.sampled_from([None, "day"]))
def test_what_was_moved_stays_where_it_is(sizes, seed, by):
    rule = Split(by, 20, seed=seed)
    cuts = np.cumsum([0, *sizes]).tolist()
    tables = [by_day([f"day {number % 17}" for number in range(start, stop)]) for start, stop in zip(cuts, cuts[1:])]
    before = None
    for n in range(1, len(tables) + 1):
        parts = parted_of(rule, tables[:n])
        distinct = cuts[n] if by is None else min(cuts[n], 17)
        if distinct >= 3:
            assert 0 not in counts(parts)
            if before is not None:
                np.testing.assert_array_equal(parts[:len(before)], before)
            before = parts


def test_rows_that_came_before_there_were_three_count_with_the_version_that_has_three():
    parts = parted_of(Split(), [positions(1), positions(1), positions(1), positions(100)])
    assert sorted(parts[:3].tolist()) == [TRAIN, VALID, TEST]
    np.testing.assert_array_equal(parts[3:], split(positions(103), Split())[3:])


def test_of_a_large_version_only_its_beginning_is_read():
    def tables():
        yield by_day([f"day {number}" for number in range(200)])
        raise AssertionError("one chunk has all parts already")
    assert moves(Split("day", 20), tables(), [1_000_000]) == {}

    def none():
        raise AssertionError("single rows are parted by their positions")
        yield
    assert moves(Split(), none(), [100_000_000]) == {}


def test_no_rows():
    assert split(positions(0), Split()).tolist() == []
    assert split(by_day([]), Split("day")).tolist() == []
