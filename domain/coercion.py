"""The one way from raw input to model input, for JSON rows, CSV files, the CLI and the pipeline alike.

Cells come as Python values. JSON brings typed ones: a number column takes numbers and null only, so that "39" is
told to the caller instead of guessed. Text (`text=True`, a CSV) brings strings: they are read as numbers where the
column is one. From there on both take the same path and give the same table.
"""
from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from domain.arrays import Array
from domain.cells import MAX_FAULTS, in_words
from domain.errors import Fault, InvalidInput
from domain.schema import Column
from domain.table import Table


def coerce(
    columns: Sequence[Column], cells: Mapping[str, Sequence[Any]], *, text: bool, first_row: int | None = 1,
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
    coerced: dict[str, Array] = {}
    for column in columns:
        if column.name not in cells:
            continue
        array, found = _coerced(column, cells[column.name], text)
        faults += [Fault(_where(column.name, row, first_row), problem, row=(first_row or 0) + row)
                   for row, problem in found]
        if array is not None:
            coerced[column.name] = array
    if faults:
        faults.sort(key=lambda fault: fault.row)
        raise InvalidInput(in_words(faults), faults[:MAX_FAULTS])
    return Table(coerced)


def _coerced(column: Column, values: Sequence[Any], text: bool) -> tuple[Array | None, Sequence[tuple[int, str]]]:
    """The column, or the rows that are faulty and what is wrong with each."""
    rules = column.rules
    if (array := rules.quickly(column, values, text)) is not None:
        return array, ()
    values = [_trim(value) for value in values] if text else values
    problems = ((row, rules.problem(column, value, text)) for row, value in enumerate(values))
    found = list(islice(((row, problem) for row, problem in problems if problem), MAX_FAULTS))
    return (None, found) if found else (rules.quickly(column, values, text), ())


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
    values = [column.rules.plainly(column, row.get(column.name, ...)) for column in columns]
    if None in values:
        return None
    numbers = np.array([value for value in values if type(value) is not str], dtype=np.float64)
    texts = np.array([value for value in values if type(value) is str], dtype=object)
    arrays = {False: iter(numbers.reshape(-1, 1)), True: iter(texts.reshape(-1, 1))}
    return Table({column.name: next(arrays[type(value) is str])
                  for column, value in zip(columns, values, strict=True)})


def name_faults(columns: Sequence[Column], names: Collection[str], optional: Iterable[str]) -> list[Fault]:
    """One fault for each column that is missing and each that nobody knows."""
    given = dict.fromkeys(names)
    accepted = {column.name for column in columns}.union(optional)
    return [Fault(f"column {column.name}", "is missing") for column in columns if column.name not in given] + [
        Fault(f"column {name}", "is unknown") for name in given if name not in accepted]


def _trim(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _where(column: str, row: int, first_row: int | None) -> str:
    return f"column {column}" if first_row is None else f"row {first_row + row}, column {column}"
