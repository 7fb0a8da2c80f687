"""One way from raw input to model input: JSON and text agree, and everything wrong is named."""
from __future__ import annotations

import copy
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.cells import FLOAT32_MAX, MAX_FAULTS, MAX_TEXT_CHARS, MISSING_NUMBERS
from domain.coercion import coerce, coerce_row
from domain.columns import ColumnType
from domain.errors import InvalidInput
from domain.exchange import read_parts
from domain.rows import CoercedRows, TextRows
from domain.schema import Column
from domain.table import concat
from tests.builders import (
    CARRIER,
    CATEGORY,
    DAY,
    DISTANCE,
    ENGINE,
    FEATURES,
    LATE,
    NUMBER,
    ROW,
    TEMP,
    assert_same_table,
    make_schema,
    make_table,
    make_task,
    text_cells,
)

SCHEMA = make_schema()
LIMITS = np.finfo(np.float32)
TINY = float(LIMITS.smallest_subnormal)
numbers = st.one_of(
    st.floats(-FLOAT32_MAX, FLOAT32_MAX), st.integers(-10**20, 10**20),
    st.sampled_from([FLOAT32_MAX, -FLOAT32_MAX, TINY, -TINY, TINY / 2, 0.0, -0.0, 0, int(FLOAT32_MAX), 1e-400]))
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@st.composite
def cells(draw, min_rows: int = 0) -> dict[str, list]:
    """Values that the feature columns accept, as JSON gives them."""
    n_rows = draw(st.integers(min_rows, 6))
    kinds = {CARRIER: words.filter(str.strip), TEMP: st.none() | numbers, ENGINE: st.none() | words, DISTANCE: numbers}
    return {name: draw(st.lists(kind, min_size=n_rows, max_size=n_rows)) for name, kind in kinds.items()}


def as_text(values: dict[str, list]) -> dict[str, list[str]]:
    return {name: ["" if value is None else value if isinstance(value, str) else repr(value) for value in column]
            for name, column in values.items()}


def faults(call, *arguments, **keywords) -> dict[str, str]:
    with pytest.raises(InvalidInput) as failure:
        call(*arguments, **keywords)
    found = {fault.where: fault.problem for fault in failure.value.faults}
    assert len(found) == len(failure.value.faults) <= MAX_FAULTS
    assert failure.value.detail.startswith("{}: {}".format(*next(iter(found.items()))))
    return found


def one(column: str, value, text: bool = False) -> dict[str, list]:
    """A good row with one cell of it replaced."""
    row = {name: [cell] for name, cell in ROW.items()}
    return (as_text(row) if text else row) | {column: [value]}


# --- JSON and text agree ---

@given(cells())
@example({CARRIER: ["a"], TEMP: [None], ENGINE: [None], DISTANCE: [-0.0]})
def test_json_and_text_give_the_same_table(values):
    assert_same_table(coerce(FEATURES, values, text=False), coerce(FEATURES, as_text(values), text=True))


@given(cells(min_rows=1))
def test_one_row_by_itself_is_coerced_as_it_is_among_others(values):
    table = coerce(FEATURES, values, text=False)
    for position in range(table.n_rows):
        row = {name: column[position] for name, column in values.items()}
        assert_same_table(coerce_row(FEATURES, row), table.take(slice(position, position + 1)))
        more = row | {DAY: "x", LATE: None}
        assert_same_table(coerce_row(FEATURES, more, SCHEMA.spare_names), table.take(slice(position, position + 1)))


@given(numbers)
def test_a_number_stays_the_number_that_was_sent(number):
    values = coerce(FEATURES, one(DISTANCE, number), text=False)[DISTANCE]
    assert values.dtype == np.float64
    assert values[0] == number
    assert np.signbit(values[0]) == (math.copysign(1, number) < 0)


@given(cells())
def test_the_table_has_the_columns_of_the_schema_in_their_form(values):
    table = coerce(FEATURES, values, text=False)
    assert list(table.columns) == [column.name for column in FEATURES]
    for column in FEATURES:
        assert table[column.name].dtype == (np.float64 if column.type is NUMBER else object)
        assert table[column.name].shape == (len(values[CARRIER]),)
        assert column.type is NUMBER or all(text == text.strip() for text in table[column.name])


@given(cells(), st.permutations([*(column.name for column in FEATURES), DAY, LATE]), st.booleans())
def test_the_order_of_the_columns_does_not_matter(values, order, text):
    given_cells = (as_text(values) if text else values) | {DAY: [""], LATE: ["spare columns are not looked at"]}
    mixed = {name: given_cells[name] for name in order}
    expected = coerce(FEATURES, as_text(values) if text else values, text=text)
    assert_same_table(coerce(FEATURES, mixed, text=text, optional=SCHEMA.spare_names), expected)


@given(cells(), st.booleans())
def test_the_input_is_not_changed(values, text):
    given_cells = as_text(values) if text else values
    before = copy.deepcopy(given_cells)
    coerce(FEATURES, given_cells, text=text)
    assert repr(given_cells) == repr(before)


@given(cells(), st.text(" \t\n\r\u00a0\u3000", min_size=1), st.booleans())
def test_space_around_a_cell_is_trimmed_alike(values, space, text):
    plain = as_text(values)
    if text:
        padded = {name: [space + cell + space for cell in column] for name, column in plain.items()}
        assert_same_table(coerce(FEATURES, padded, text=True), coerce(FEATURES, plain, text=True))
    else:
        padded = values | {name: [space + (cell or "") + space for cell in values[name]] for name in (CARRIER, ENGINE)}
        assert_same_table(coerce(FEATURES, padded, text=False), coerce(FEATURES, values, text=False))


def test_rows_that_were_coerced_stay_as_they_are():
    table = make_table(make_task(), 50)
    again = coerce(SCHEMA.stored, text_cells(table), text=True)
    assert_same_table(again, table)
    assert_same_table(CoercedRows(table).coerce(FEATURES), table.select(column.name for column in FEATURES))


# --- what counts as missing ---

@pytest.mark.parametrize("word", sorted(MISSING_NUMBERS))
def test_what_pandas_reads_as_missing_is_missing_in_a_number(word):
    for cell in (word, f" {word}\t"):
        assert np.isnan(coerce(FEATURES, one(TEMP, cell, text=True), text=True)[TEMP][0])
    assert faults(coerce, FEATURES, one(DISTANCE, word, text=True), text=True) == {
        f"row 1, column {DISTANCE}": "a value is required"}


def test_the_words_are_those_of_pandas_and_the_question_mark():
    parsers = pytest.importorskip("pandas._libs.parsers")
    assert MISSING_NUMBERS - {"?"} >= set(parsers.STR_NA_VALUES)


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("cell", ["", " ", "?", " ? ", "н/д"])
def test_the_columns_own_words_are_missing_in_a_category(cell, text):
    assert coerce(FEATURES, one(ENGINE, cell, text), text=text)[ENGINE].tolist() == [""]
    assert coerce_row(FEATURES, ROW | {ENGINE: cell})[ENGINE].tolist() == [""]


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("cell", ["NA", "None", "nan", "null"])
def test_other_words_are_values_in_a_category(cell, text):
    assert coerce(FEATURES, one(ENGINE, cell, text), text=text)[ENGINE].tolist() == [cell]


@pytest.mark.parametrize("text", [False, True])
def test_a_word_for_missing_is_no_value_where_one_is_required(text):
    column = Column("x", CATEGORY, nullable=False, missing=("?",))
    assert faults(coerce, [column], {"x": ["a", "?"]}, text=text) == {"row 2, column x": "a value is required"}


# --- what is refused ---

WRONG_JSON = [
    (TEMP, "39", 'expected a number, got "39"'), (TEMP, "", 'expected a number, got ""'),
    (TEMP, "x" * 100, f'expected a number, got "{"x" * 40}..."'), (TEMP, True, "expected a number, got true"),
    (TEMP, False, "expected a number, got false"), (TEMP, [], "expected a number, got an array"),
    (TEMP, {}, "expected a number, got an object"), (TEMP, [1.0], "expected a number, got an array"),
    (TEMP, math.nan, "NaN is not a JSON number; send null for a missing value"),
    (TEMP, math.inf, "expected a finite number, got Infinity"),
    (TEMP, -math.inf, "expected a finite number, got Infinity"), (TEMP, 1e39, "does not fit a 32-bit float"),
    (TEMP, np.nextafter(FLOAT32_MAX, math.inf).item(), "does not fit a 32-bit float"),
    (TEMP, -1e39, "does not fit a 32-bit float"), (TEMP, 10**400, "does not fit a 32-bit float"),
    (TEMP, -(10**400), "does not fit a 32-bit float"), (DISTANCE, None, "a value is required"),
    (CARRIER, None, "a value is required"), (CARRIER, "", "a value is required"),
    (CARRIER, " \t", "a value is required"),
    (CARRIER, 1, "expected a string, got the number 1"), (ENGINE, 1.5, "expected a string, got the number 1.5"),
    (ENGINE, True, "expected a string, got true"), (ENGINE, ["a"], "expected a string, got an array"),
    (ENGINE, {"a": 1}, "expected a string, got an object"),
    (ENGINE, 10**400, "expected a string, got a very large number"),
    (ENGINE, "a\0b", "contains the character NUL"), (ENGINE, "\ud800", "contains half of a surrogate pair"),
    (ENGINE, "a\udfff", "contains half of a surrogate pair"),
    (ENGINE, "x" * (MAX_TEXT_CHARS + 1), "is longer than 10000 characters"),
]
WRONG_TEXT = [
    (TEMP, "abc", 'expected a number, got "abc"'), (TEMP, "1_000", 'expected a number, got "1_000"'),
    (TEMP, "1,5", 'expected a number, got "1,5"'), (TEMP, "٣٩", 'expected a number, got "٣٩"'),
    (TEMP, "３９", 'expected a number, got "３９"'), (TEMP, "0x1F", 'expected a number, got "0x1F"'),
    (TEMP, "1 2", 'expected a number, got "1 2"'), (TEMP, "true", 'expected a number, got "true"'),
    (TEMP, "inf", "expected a finite number, got Infinity"),
    (TEMP, "-Infinity", "expected a finite number, got Infinity"),
    (TEMP, "1e400", "expected a finite number, got Infinity"), (TEMP, "1e39", "does not fit a 32-bit float"),
    (TEMP, "NAN", "NaN is not a JSON number; send null for a missing value"), (DISTANCE, "", "a value is required"),
    (CARRIER, " ", "a value is required"), (ENGINE, "a\0b", "contains the character NUL"),
    (ENGINE, "\ud800", "contains half of a surrogate pair"),
    (ENGINE, "x" * (MAX_TEXT_CHARS + 1), "is longer than 10000 characters"),
]
BOTH = [(False, *wrong) for wrong in WRONG_JSON] + [(True, *wrong) for wrong in WRONG_TEXT]


@pytest.mark.parametrize(("text", "column", "value", "problem"), BOTH, ids=lambda value: repr(value)[:20])
def test_a_wrong_cell_is_named_by_its_row_and_column(text, column, value, problem):
    good = {name: [cell] for name, cell in ROW.items()}
    rows = {name: cells * 2 + one(column, value, text)[name] + cells
            for name, cells in (as_text(good) if text else good).items()}
    assert faults(coerce, FEATURES, rows, text=text) == {f"row 3, column {column}": problem}
    assert faults(coerce, FEATURES, rows, text=text, first_row=65_537) == {f"row 65539, column {column}": problem}


@pytest.mark.parametrize(("column", "value", "problem"), WRONG_JSON, ids=lambda value: repr(value)[:20])
def test_a_wrong_cell_of_one_row_is_named_by_its_column_alone(column, value, problem):
    assert faults(coerce_row, FEATURES, ROW | {column: value}) == {f"column {column}": problem}


@pytest.mark.parametrize("text", [False, True])
def test_the_longest_text_is_allowed(text):
    longest = "ж" * MAX_TEXT_CHARS
    assert coerce(FEATURES, one(ENGINE, longest, text), text=text)[ENGINE].tolist() == [longest]


@pytest.mark.parametrize("text", [False, True])
def test_missing_and_unknown_columns_are_named_beside_bad_cells(text):
    rows = {CARRIER: ["UA"], TEMP: [[]] if not text else ["x"], "other": ["1"], "ещё": ["2"]}
    assert faults(coerce, FEATURES, rows, text=text, optional={DAY}) == {
        f"column {ENGINE}": "is missing", f"column {DISTANCE}": "is missing", "column other": "is unknown",
        "column ещё": "is unknown",
        f"row 1, column {TEMP}": "expected a number, got " + ('"x"' if text else "an array")}


@given(st.dictionaries(st.sampled_from([column.name for column in FEATURES] + ["other"]), st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2), max_leaves=4)))
def test_any_json_object_is_coerced_or_refused_with_a_place(row):
    try:
        table = coerce_row(FEATURES, row)
    except InvalidInput as failure:
        assert failure.faults
        known = {f"column {column.name}" for column in FEATURES} | {"column other"}
        assert {fault.where for fault in failure.faults} <= known
    else:
        assert (table.n_rows, list(table.columns)) == (1, [column.name for column in FEATURES])


@given(st.lists(st.text(st.characters(exclude_categories=[]), max_size=8), min_size=1, max_size=4))
def test_any_text_is_a_number_or_missing_or_refused(texts):
    column = Column("x", NUMBER)
    try:
        values = coerce([column], {"x": texts}, text=True)["x"]
    except InvalidInput as failure:
        assert failure.faults
    else:
        for text, value in zip(texts, values.tolist(), strict=True):
            if text.strip() in MISSING_NUMBERS:
                assert math.isnan(value)
            else:
                assert text.strip().isascii() and "_" not in text
                assert value == float(text)


# --- many rows ---

def test_no_more_than_a_hundred_faults():
    rows = {name: [cell] * 500 for name, cell in ROW.items()} | {TEMP: ["x"] * 500, ENGINE: [1] * 500}
    with pytest.raises(InvalidInput) as failure:
        coerce(FEATURES, rows, text=False)
    assert len(failure.value.faults) == MAX_FAULTS


def test_faults_come_row_by_row():
    rows = {name: [str(cell)] * 3 for name, cell in ROW.items()} | {TEMP: ["1", "x", "y"], DISTANCE: ["z", "z", "1"]}
    with pytest.raises(InvalidInput) as failure:
        coerce(FEATURES, rows, text=True)
    assert [fault.where for fault in failure.value.faults] == [
        f"row 1, column {DISTANCE}", f"row 2, column {TEMP}", f"row 2, column {DISTANCE}", f"row 3, column {TEMP}"]


def test_columns_without_rows():
    table = coerce(FEATURES, {column.name: [] for column in FEATURES}, text=True)
    assert table.n_rows == 0
    assert [table[column.name].dtype for column in FEATURES] == [
        np.float64 if column.type is ColumnType.NUMBER else object for column in FEATURES]


@st.composite
def chunked(draw, wrong: bool) -> tuple[dict[str, list[str]], list[int]]:
    """Texts of some rows, wrong ones among them if asked for, and where to cut them."""
    n_rows = draw(st.integers(1, 40))
    rows = text_cells(make_table(make_task(), n_rows).select(column.name for column in FEATURES))
    for _ in range(draw(st.integers(1, 10)) if wrong else 0):
        column = draw(st.sampled_from([TEMP, DISTANCE]))
        rows[column][draw(st.integers(0, n_rows - 1))] = draw(st.sampled_from(["x", "1_0", "1e39"]))
    return rows, sorted(draw(st.lists(st.integers(0, n_rows), max_size=5)))


def chunks_of(rows: dict[str, list[str]], cuts: list[int]) -> list[TextRows]:
    ends = [0, *cuts, len(rows[TEMP])]
    return [TextRows({name: cells[start:stop] for name, cells in rows.items()}, start + 1)
            for start, stop in zip(ends, ends[1:], strict=False)]


@given(chunked(wrong=False))
def test_chunks_give_the_same_table(made):
    rows, cuts = made
    chunks = chunks_of(rows, cuts)
    answers = list(read_parts(chunks, FEATURES))
    assert [part.rows for part in answers] == chunks
    assert_same_table(concat([part.table for part in answers]), coerce(FEATURES, rows, text=True))


@given(chunked(wrong=True))
def test_chunks_give_the_same_faults(made):
    rows, cuts = made
    seen: list = []
    with pytest.raises(InvalidInput) as failure:
        seen.extend(read_parts(chunks_of(rows, cuts), FEATURES))
    whole = faults(coerce, FEATURES, rows, text=True)
    assert {fault.where: fault.problem for fault in failure.value.faults} == whole
    first = min(int(where.split()[1].rstrip(",")) for where in whole)
    assert all(part.rows.first_row + part.table.n_rows <= first for part in seen)


def test_a_hundred_faults_over_all_chunks():
    rows = {name: [str(cell)] * 250 for name, cell in ROW.items()} | {TEMP: ["x"] * 250}
    taken: list[int] = []

    def chunks():
        for chunk in chunks_of(rows, list(range(10, 250, 10))):
            taken.append(chunk.first_row)
            yield chunk

    with pytest.raises(InvalidInput) as failure:
        list(read_parts(chunks(), FEATURES))
    assert [fault.where for fault in failure.value.faults] == [f"row {row}, column {TEMP}" for row in range(1, 101)]
    assert len(taken) == 10, "no more is read than can be told"


def test_wrong_columns_are_told_once_and_at_once():
    chunk = TextRows({"other": ["1"]})
    endless = iter(lambda: chunk, None)
    with pytest.raises(InvalidInput) as failure:
        list(read_parts(endless, FEATURES))
    assert [fault.where for fault in failure.value.faults] == [f"column {c.name}" for c in FEATURES] + ["column other"]


def test_a_later_chunk_is_not_read_before_its_turn():
    table = text_cells(make_table(make_task(), 4).select(column.name for column in FEATURES))

    def chunks():
        yield TextRows(table)
        raise OSError("the connection broke")

    answers = read_parts(chunks(), FEATURES)
    assert next(answers).table.n_rows == 4
    with pytest.raises(OSError, match="broke"):
        next(answers)


TEXT = Column("review", ColumnType.TEXT, missing=("н/д",))


@pytest.mark.parametrize(("cell", "text"), [
    ("  Хорошо,\nно дорого ", "Хорошо,\nно дорого"), ("", ""), ("н/д", ""), ("12", "12"), ("None", "None")])
def test_a_free_text_is_what_it_is(cell, text):
    for is_text in (True, False):
        assert coerce([TEXT], {"review": [cell]}, text=is_text)["review"].tolist() == [text]
    assert coerce_row([TEXT], {"review": cell})["review"].tolist() == [text]


@pytest.mark.parametrize(("value", "problem"), [
    (5, "expected a string"), (["a"], "expected a string"), ("a" * 10_001, "longer than"), ("a\0b", "NUL")])
def test_what_is_no_free_text_is_told(value, problem):
    with pytest.raises(InvalidInput, match=problem):
        coerce_row([TEXT], {"review": value})
    assert coerce_row([TEXT], {"review": None})["review"].tolist() == [""]


ISO, DAY_FIRST, MONTH_FIRST = (Column("when", ColumnType.DATETIME, day_first=order) for order in (None, True, False))


@pytest.mark.parametrize(("column", "cell", "text"), [
    (ISO, "2024-12-31", "2024-12-31"), (ISO, " 2024-2-5 ", "2024-02-05"), (ISO, "2024/12/31", "2024-12-31"),
    (ISO, "20241231", "2024-12-31"), (ISO, "2024-12-31 7:05", "2024-12-31T07:05:00"),
    (ISO, "2024-12-31T23:59:59.999Z", "2024-12-31T23:59:59+00:00"),
    (ISO, "2024-12-31 23:59 +0300", "2024-12-31T23:59:00+03:00"),
    (ISO, "2016-12-31T23:59:60Z", "2016-12-31T23:59:59+00:00"), (ISO, "", ""), (ISO, "NaN", ""),
    (DAY_FIRST, "31.12.2024", "2024-12-31"), (DAY_FIRST, "1/2/2024 10:00", "2024-02-01T10:00:00"),
    (DAY_FIRST, "2024-12-31", "2024-12-31"), (MONTH_FIRST, "1/2/2024", "2024-01-02"),
])
def test_a_date_is_written_in_one_way(column, cell, text):
    for is_text in (True, False):
        assert coerce([column], {"when": [cell]}, text=is_text)["when"].tolist() == [text]
    assert coerce_row([column], {"when": cell})["when"].tolist() == [text]
    assert coerce_row([column], {"when": text})["when"].tolist() == [text]


@pytest.mark.parametrize(("column", "value", "problem"), [
    (ISO, "31.12.2024", "a form that training has not seen"),
    (MONTH_FIRST, "31/12/2024", "a form that training has not"),
    (DAY_FIRST, "12/31/2024", "a form that training has not seen"),
    (ISO, "2024-02-30", "expected a date as 2024-12-31"),
    (ISO, "2024-12-31T25:00", "expected a date"), (ISO, "31 Dec 2024", "expected a date"),
    (ISO, 20241231, "expected a date"),
    (ISO, ["2024-12-31"], "expected a date"), (ISO, "٢٠٢٤-12-31", "expected a date"),
    (DAY_FIRST, "31.12.24", "expected a date"),
])
def test_what_is_no_date_is_told_by_row_and_column(column, value, problem):
    with pytest.raises(InvalidInput, match=problem) as caught:
        coerce([column], {"when": ["2024-01-01", value]}, text=False)
    assert [fault.where for fault in caught.value.faults] == ["row 2, column when"]


def test_a_date_that_has_to_be_there():
    column = Column("when", ColumnType.DATETIME, nullable=False)
    with pytest.raises(InvalidInput, match="a value is required"):
        coerce_row([column], {"when": None})
