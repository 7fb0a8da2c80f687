"""Numbers: float64 in the range of float32, NaN for missing."""
from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from domain.arrays import Array, Floats
from domain.cells import FLOAT32_MAX, MISSING_NUMBERS, REQUIRED, describe, number_of_text
from domain.columns.rules import ColumnRules, Form
from domain.text_cells import TextCells

if TYPE_CHECKING:
    from domain.schema import Column

_JSON_NUMBERS = frozenset({int, float, type(None)})


class NumberRules(ColumnRules):
    form = Form.NUMBERS

    def quickly(self, column: Column, values: Sequence[Any], text: bool) -> Array | None:
        return _of_text(column, values) if text else _of_json(column, values)

    def whole(self, column: Column, array: Array) -> Array | None:
        if array.dtype.kind not in "iuf":
            return None
        numbers = array.astype(np.float64)
        # What is finite as float32 is within its range: that is looked at in a fraction of the time.
        if array.dtype == np.float32 and np.isfinite(array).all():
            return numbers
        return _narrow(column, numbers, int(np.count_nonzero(np.isnan(numbers))))

    def plainly(self, column: Column, value: object) -> float | None:
        if type(value) is float or type(value) is int:
            return value if -FLOAT32_MAX <= value <= FLOAT32_MAX else None
        return math.nan if value is None and column.nullable else None

    def problem(self, column: Column, value: Any, text: bool) -> str | None:
        if value is None or (text and (value in MISSING_NUMBERS or value in column.missing)):
            return None if column.nullable else REQUIRED
        if text:
            value = number_of_text(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"expected a number, got {describe(value)}"
        if value != value:
            return "NaN is not a JSON number; send null for a missing value"
        if abs(value) == math.inf:
            return "expected a finite number, got Infinity"
        return "does not fit a 32-bit float" if abs(value) > FLOAT32_MAX else None

    def odd_values(self, borders: Array) -> Array:
        on = np.asarray(borders, dtype=np.float32)
        # A border may lie at the end of the range, where there is nothing beside it.
        with np.errstate(over="ignore"):
            beside = np.concatenate([np.nextafter(on, np.float32(np.inf)), np.nextafter(on, np.float32(-np.inf))])
        odd = np.array([np.nan, 0.0, -0.0, 3e38, -3e38], dtype=np.float32)
        return np.concatenate([on, beside[np.isfinite(beside)], odd]).astype(np.float64)


def _of_json(column: Column, values: Sequence[Any]) -> Array | None:
    try:
        if any(type(value) not in _JSON_NUMBERS for value in values):
            return None
        numbers = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    except OverflowError:
        return None
    return _narrow(column, numbers, sum(value is None for value in values))


def _of_text(column: Column, values: Sequence[str]) -> Array | None:
    absent = MISSING_NUMBERS.union(column.missing) if column.missing else MISSING_NUMBERS
    if isinstance(values, TextCells) and (read := values.numbers(absent)):
        return _narrow(column, *read)
    known = [math.nan if value in absent else value for value in values]
    try:
        numbers = np.array(known, dtype=object).astype(np.float64)
    except ValueError:
        return None
    # Python reads "1_000" and Arabic digits as numbers; in a table both are slips.
    joined = "".join(value for value in known if type(value) is str)
    if "_" in joined or not joined.isascii():
        return None
    return _narrow(column, numbers, sum(type(value) is float for value in known))


def _narrow(column: Column, numbers: Floats, missing: int) -> Array | None:
    finite = np.abs(numbers) <= FLOAT32_MAX
    if np.count_nonzero(finite) + missing != len(numbers) or (missing and not column.nullable):
        return None
    return numbers
