"""Tables, and the digest that knows one content from every other."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.table import FewRows, Table, TableDigest, concat
from tests.builders import assert_same_table, make_table, make_task, texts

floats = st.floats(width=32) | st.sampled_from([0.0, -0.0, float("nan")])
words = st.text(max_size=4) | st.sampled_from(["", "a", "b", "ab", "1\x1fa", "\x1f"])


@st.composite
def tables(draw, min_rows: int = 0) -> Table:
    n_rows = draw(st.integers(min_rows, 6))
    return Table({
        "число": np.array(draw(st.lists(floats, min_size=n_rows, max_size=n_rows)), dtype=np.float32),
        "c": texts(draw(st.lists(words, min_size=n_rows, max_size=n_rows))),
        "d": texts(draw(st.lists(words, min_size=n_rows, max_size=n_rows)))})


def digest(*parts: Table) -> str:
    made = TableDigest()
    for part in parts:
        made.update(part)
    return made.hexdigest()


def content(table: Table) -> list[list]:
    """What tells two tables apart; a NaN is a NaN, and -0.0 is not 0.0."""
    return [[repr(value) for value in values.tolist()] for _, values in sorted(table.columns.items())]


@given(tables(), st.integers(1, 4), st.permutations(["число", "c", "d"]))
def test_chunks_and_the_order_of_the_columns_change_no_digest(table, size_rows, order):
    whole = digest(table)
    assert digest(*table.take(slice(0, 0)).chunks(1), *table.chunks(size_rows), table.take(slice(0, 0))) == whole \
        or table.n_rows == 0
    assert digest(table.select(order)) == whole
    assert len(whole) == 64


@given(tables(), tables())
def test_two_tables_have_one_digest_only_if_they_hold_the_same(one, other):
    assert (digest(one) == digest(other)) == (content(one) == content(other))


@given(tables(min_rows=1), st.data())
def test_a_single_change_changes_the_digest(table, data):
    name = data.draw(st.sampled_from(sorted(table.columns)))
    row = data.draw(st.integers(0, table.n_rows - 1))
    changed = {key: values.copy() for key, values in table.columns.items()}
    changed[name][row] = data.draw(words if table[name].dtype == object else floats)
    assume(content(Table(changed)) != content(table))
    assert digest(Table(changed)) != digest(table)


@given(tables(min_rows=2), st.data())
def test_the_order_of_the_rows_counts(table, data):
    order = data.draw(st.permutations(range(table.n_rows)))
    mixed = table.take(np.array(order))
    assert (digest(mixed) == digest(table)) == (content(mixed) == content(table))


def test_texts_that_run_together_the_same_differ():
    assert len({digest(Table({"c": texts(values)})) for values in (
        ["ab"], ["a", "b"], ["", "ab"], ["ab", ""], ["1\x1fa"], ["1\x1f", "a"])}) == 6


def test_a_missing_number_is_one_whatever_its_bits():
    plain, other = np.array([1.0, np.nan]), np.array([1.0, np.nan])
    other.view(np.uint64)[1] |= (1 << 63) | 5
    assert plain.tobytes() != other.tobytes() and digest(Table({"x": plain})) == digest(Table({"x": other}))


def test_names_count():
    column = texts(["a"])
    assert digest(Table({"x": column})) != digest(Table({"y": column}))
    assert digest(Table({"x": column, "y": column})) != digest(Table({"x": column}))


@given(tables(), st.integers(1, 7))
def test_chunks_put_together_are_the_table(table, size_rows):
    chunks = list(table.chunks(size_rows))
    assert all(0 < chunk.n_rows <= size_rows for chunk in chunks)
    if chunks:
        assert_same_table(concat(chunks), table)
    assert table.n_rows == sum(chunk.n_rows for chunk in chunks)


def test_parts_of_a_table():
    table = make_table(make_task(), 10)
    names = list(table.columns)
    assert list(table.select(reversed(names)).columns) == names[::-1]
    assert list(table.without(names[:2]).columns) == names[2:]
    assert_same_table(table.take(table["late"] == "1"), table.take(np.flatnonzero(table["late"] == "1")))
    assert table.take(slice(2, 4))[names[1]].base is not None, "a slice copies nothing"
    assert Table({}).n_rows == 0
    with pytest.raises(KeyError):
        table.select(["other"])


def test_one_row_kept_as_cells_is_a_table_like_another():
    cells = {"a": 1.5, "b": "x", "c": float("nan")}
    one, other = FewRows([cells]), Table({
        "a": np.array([1.5]), "b": np.array(["x"], dtype=object), "c": np.array([np.nan])})
    assert_same_table(one, other)
    assert one.n_rows == 1 and "a" in one and "d" not in one
    assert one.select(["a", "b", "c"]) is one
    assert_same_table(one.select(["c", "a"]), other.select(["c", "a"]))
    assert_same_table(one.without(["b"]), other.without(["b"]))
    assert_same_table(one.take(slice(0, 0)), other.take(slice(0, 0)))
