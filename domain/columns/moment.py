"""Dates and times: texts written the one way (domain/moments.py), "" for missing."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from domain.arrays import Array
from domain.cells import MISSING_NUMBERS, REQUIRED, describe
from domain.columns.category import texts_of
from domain.columns.rules import ColumnRules, Form
from domain.moments import orders, read_moment, years_of

if TYPE_CHECKING:
    from domain.schema import Column

_FORMS = {None: "2024-12-31 or 2024-12-31T23:59:59+03:00", True: "31.12.2024, 31/12/2024 or 2024-12-31T23:59:59",
          False: "12/31/2024 or 2024-12-31T23:59:59"}


class MomentRules(ColumnRules):
    form = Form.TEXTS
    comes_again = False

    def quickly(self, column: Column, values: Sequence[Any], text: bool) -> Array | None:
        try:
            read = {value: self._read(column, value) for value in set(values)}
        except TypeError:  # a list or an object
            return None
        if None in read.values() or ("" in read.values() and not column.nullable):
            return None
        return texts_of([read[value] or "" for value in values])

    def plainly(self, column: Column, value: object) -> str | None:
        found = self._read(column, value)
        return found if found or column.nullable else None

    def problem(self, column: Column, value: Any, text: bool) -> str | None:
        found = self._read(column, value)
        if found is None:
            return _told(column, value)
        return None if found or column.nullable else REQUIRED

    def odd_values(self, borders: Array) -> Array:
        return texts_of(["", "0001-01-01", "9999-12-31T23:59:59", "1969-12-31T23:59:59-11:30", "1900-02-28",
                         "2000-02-29T12:00:00+14:00", "2000-03-01T00:00:00", "2024-12-31T23:59:59"])

    def gauge(self, values: Array) -> Array:
        return years_of(values)

    def _read(self, column: Column, value: object) -> str | None:
        """"" for missing, None for what is no date."""
        if value is None:
            return ""
        if not isinstance(value, str):
            return None
        word = value.strip()
        if word in MISSING_NUMBERS or word in column.missing:
            return ""
        return read_moment(word, column.day_first)


def _told(column: Column, value: Any) -> str:
    expected = f"expected a date as {_FORMS[column.day_first]}, got {describe(value)}"
    if isinstance(value, str) and orders(value.strip()):
        return f"{expected}: a form that training has not seen"
    return expected
