"""The one way from raw input to model input, for JSON rows, CSV files, the CLI and the pipeline alike.

Cells come as Python values. JSON brings typed ones: a number column takes numbers and null only, so that "39" is
told to the caller instead of guessed. Text (`text=True`, a CSV) brings strings: they are read as numbers where the
column is one. From there on both take the same path and give the same table.
"""
from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import numpy as np

from domain.errors import Fault, InvalidInput
from domain.schema import OF_FILES, Column, ColumnType
from domain.table import Table

MAX_FAULTS = 100
MAX_TEXT_CHARS = 10_000
FLOAT32_MAX = float(np.finfo(np.float32).max)
# What pandas.read_csv reads as missing, with "?" as many public tables write it.
MISSING_NUMBERS = frozenset({
    "", "?", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
})


def coerce(
    columns: Sequence[Column], cells: Mapping[str, Sequence], *, text: bool, first_row: int | None = 1,
    optional: Iterable[str] = (),
) -> Table:
    """Raw cells to a table of exactly `columns`, in their order.

    cells: name -> n_rows Python values (str if `text`, else str, int, float, bool, None, list or dict as JSON gives).
    first_row: number of the first row in the caller's words, None where there is only one row and no need to say.
    optional: names that may stand in the cells although they are not in `columns`; they are dropped.
    Raises: InvalidInput with one fault for each missing or unknown column, then for each bad cell row by row, 100 at
    most.
    """
    faults = name_faults(columns, cells, optional)
    coerced: dict[str, np.ndarray] = {}
    for column in columns:
        if column.name not in cells:
            continue
        values = cells[column.name]
        array = _fast(column, values, text)
        if array is None:
            values = [_trim(value) for value in values] if text else values
            problems = ((row, _problem(column, value, text)) for row, value in enumerate(values))
            found = list(islice(((row, problem) for row, problem in problems if problem), MAX_FAULTS))
            faults += [Fault(_where(column.name, row, first_row), problem, row=(first_row or 0) + row)
                       for row, problem in found]
            array = None if found else _fast(column, values, text)
        if array is not None:
            coerced[column.name] = array
    if faults:
        faults.sort(key=lambda fault: fault.row)
        raise InvalidInput(summary(faults), faults[:MAX_FAULTS])
    return Table(coerced)


def coerce_row(columns: Sequence[Column], row: Mapping[str, object], optional: Iterable[str] = ()) -> Table:
    """One JSON object to a table of one row; faults name the column alone."""
    if (table := _plain_row(columns, row)) is not None:
        return table
    return coerce(columns, {name: (value,) for name, value in row.items()}, text=False, first_row=None,
                  optional=optional)


def _plain_row(columns: Sequence[Column], row: Mapping[str, object]) -> Table | None:
    """The same table in a sixth of the time, for a row where no cell asks for a second look; None otherwise."""
    if len(row) != len(columns):
        return None
    values = [_plain_value(column, row.get(column.name, ...)) for column in columns]
    if None in values:
        return None
    numbers = np.array([value for value in values if type(value) is not str], dtype=np.float64).astype(np.float32)
    texts = np.array([value for value in values if type(value) is str], dtype=object)
    arrays = {False: iter(numbers.reshape(-1, 1)), True: iter(texts.reshape(-1, 1))}
    return Table({column.name: next(arrays[type(value) is str])
                  for column, value in zip(columns, values, strict=True)})


def _plain_value(column: Column, value: object) -> float | str | None:
    """The coerced cell; None if it is faulty, or might be."""
    kind = type(value)
    if column.type is ColumnType.NUMBER:
        if kind is float or kind is int:
            return value if -FLOAT32_MAX <= value <= FLOAT32_MAX else None
        return math.nan if value is None and column.nullable else None
    if kind is not str or column.type in OF_FILES or len(value) > MAX_TEXT_CHARS or not value.isprintable():
        return None
    text = value.strip()
    return text if text not in column.missing and (text or column.nullable) else None


def name_faults(columns: Sequence[Column], names: Iterable[str], optional: Iterable[str]) -> list[Fault]:
    """One fault for each column that is missing and each that nobody knows."""
    given = dict.fromkeys(names)
    accepted = {column.name for column in columns}.union(optional)
    return [Fault(f"column {column.name}", "is missing") for column in columns if column.name not in given] + [
        Fault(f"column {name}", "is unknown") for name in given if name not in accepted]


def _fast(column: Column, values: Sequence, text: bool) -> np.ndarray | None:
    """The coerced column, or None where some cell has to be looked at by itself."""
    if column.type in OF_FILES:
        return None
    if column.type is ColumnType.CATEGORY:
        return _fast_categories(column, values)
    return _fast_numbers_of_text(column, values) if text else _fast_numbers(column, values)


def _fast_categories(column: Column, values: Sequence) -> np.ndarray | None:
    try:
        texts = list(map(str.strip, values))
    except TypeError:
        if not all(value is None or type(value) is str for value in values):
            return None
        texts = ["" if value is None else value.strip() for value in values]
    distinct = set(texts)
    if not distinct.isdisjoint(column.missing):
        texts = ["" if value in column.missing else value for value in texts]
        distinct = set(texts)
    if not column.nullable and "" in distinct:
        return None
    if any(map(unusable, distinct)):
        return None
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array


def _fast_numbers(column: Column, values: Sequence) -> np.ndarray | None:
    try:
        if any(type(value) not in _JSON_NUMBERS for value in values):
            return None
        numbers = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    except OverflowError:
        return None
    missing = sum(value is None for value in values)
    return _narrow(column, numbers, missing)


def _fast_numbers_of_text(column: Column, values: Sequence[str]) -> np.ndarray | None:
    absent = MISSING_NUMBERS.union(column.missing) if column.missing else MISSING_NUMBERS
    known = [math.nan if value in absent else value for value in values]
    missing = sum(type(value) is float for value in known)
    try:
        numbers = np.array(known, dtype=object).astype(np.float64)
    except ValueError:
        return None
    # Python reads "1_000" and Arabic digits as numbers; in a table both are slips.
    joined = "".join(value for value in known if type(value) is str)
    if "_" in joined or not joined.isascii():
        return None
    return _narrow(column, numbers, missing)


def _narrow(column: Column, numbers: np.ndarray, missing: int) -> np.ndarray | None:
    finite = np.abs(numbers) <= FLOAT32_MAX
    if np.count_nonzero(finite) + missing != len(numbers) or (missing and not column.nullable):
        return None
    return numbers.astype(np.float32)


_JSON_NUMBERS = frozenset({int, float, type(None)})


def _trim(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _problem(column: Column, value: object, text: bool) -> str | None:
    """What is wrong with one cell, in words; None if nothing is."""
    if column.type in OF_FILES:
        return f"a {column.type} comes as a file, not as a cell"
    if column.type is ColumnType.CATEGORY:
        return _category_problem(column, value)
    return _number_problem(column, value, text)


def _category_problem(column: Column, value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        return f"expected a string, got {describe(value)}"
    stripped = (value or "").strip()
    if not column.nullable and (not stripped or stripped in column.missing):
        return "a value is required"
    return unusable(stripped)


def unusable(text: str) -> str | None:
    """Why no model and no database could hold this text; None if they can."""
    if len(text) > MAX_TEXT_CHARS:
        return f"is longer than {MAX_TEXT_CHARS} characters"
    if "\0" in text:
        return "contains the character NUL"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "contains half of a surrogate pair"
    return None


def _number_problem(column: Column, value: object, text: bool) -> str | None:
    if value is None or (text and (value in MISSING_NUMBERS or value in column.missing)):
        return None if column.nullable else "a value is required"
    if text:
        value = number_of_text(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"expected a number, got {describe(value)}"
    if value != value:
        return "NaN is not a JSON number; send null for a missing value"
    if abs(value) == math.inf:
        return "expected a finite number, got Infinity"
    if abs(value) > FLOAT32_MAX:
        return "does not fit a 32-bit float"
    return None


def number_of_text(value: str) -> object:
    """The number that a cell of text stands for, or the text itself."""
    if "_" in value or not value.isascii():
        return value
    try:
        return float(value)
    except ValueError:
        return value


def describe(value: object) -> str:
    """A JSON value in a few words that can stand in an answer, however long it is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else f'"{value[:40]}..."'
    if isinstance(value, (list, tuple)):
        return "an array"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, int) and abs(value) >= 10**20:
        return "a very large number"
    return f"the number {value}"


def _where(column: str, row: int, first_row: int | None) -> str:
    return f"column {column}" if first_row is None else f"row {first_row + row}, column {column}"


def summary(faults: Sequence[Fault]) -> str:
    """The first fault in words, and how many more there are."""
    first = f"{faults[0].where}: {faults[0].problem}"
    return first if len(faults) == 1 else f"{first} (and {len(faults) - 1} more)"
