"""Texts of a CSV are read as the same texts are cell by cell."""
from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pyarrow.arrow_texts import ArrowTexts
from domain.coercion import coerce
from domain.errors import InvalidInput
from domain.schema import Column

ODD = ["", " ", "1", "-1", "+1", " 1 ", "1.", ".5", "1e5", "1E-400", "1e400", "1_000", "1,5", "nan", "NaN", "inf",
       "-Infinity", "NA", "?", "0x10", "١", "1 2", "1\u00a0", "00501", "101.0", "101", "1e39", "16777217", "0.1", "a",
       " a", "é", "\ud7ff", "True"]
TEXTS = st.lists(st.sampled_from(ODD) | st.floats(width=64).map(repr) | st.integers().map(str)
                 | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5), max_size=12)
COLUMNS = [Column("x", "number"), Column("x", "number", nullable=False), Column("x", "number", missing=("a", "-1")),
           Column("x", "category"), Column("x", "category", nullable=False), Column("x", "category", digits=3),
           Column("x", "category", missing=("NA", "1")), Column("x", "boolean"), Column("x", "text")]


def arrow(texts):
    return ArrowTexts(pa.array(texts, pa.string()))


def read(column, cells):
    try:
        return coerce([column], {"x": cells}, text=True)["x"].tolist()
    except InvalidInput as refused:
        return [(fault.where, fault.problem) for fault in refused.faults]


@pytest.mark.parametrize("column", COLUMNS, ids=range(len(COLUMNS)))
@given(TEXTS)
def test_the_same_values_and_the_same_faults(column, texts):
    np.testing.assert_equal(read(column, arrow(texts)), read(column, texts))


@given(TEXTS, st.integers(-3, 13), st.integers(-3, 13))
def test_they_are_those_texts(texts, start, end):
    cells = arrow(texts)
    assert (len(cells), cells[start:end], list(cells), cells == texts) == (len(texts), texts[start:end], texts, True)
    assert [text in cells for text in ODD] == [text in texts for text in ODD]


@given(TEXTS)
def test_each_is_one_of_the_distinct_ones(texts):
    places, distinct = arrow(texts).coded()
    assert ([distinct[place] for place in places], distinct) == (texts, list(dict.fromkeys(texts)))


def test_a_block_of_plain_numbers_is_not_looked_at_cell_by_cell():
    cells = arrow(["1.5", "", "-3e2"])
    np.testing.assert_equal(coerce([Column("x", "number")], {"x": cells}, text=True)["x"], [1.5, np.nan, -300.0])
    assert "_texts" not in vars(cells)
