"""Dates and times: texts written the one way (domain/moments.py), "" for missing."""
from __future__ import annotations

from typing import TYPE_CHECKING

from domain.arrays import Array
from domain.cells import describe
from domain.columns.category import texts_of
from domain.columns.written import WrittenRules, word_in
from domain.moments import orders, read_moment, years_of

if TYPE_CHECKING:
    from domain.schema import Column

_FORMS = {None: "2024-12-31 or 2024-12-31T23:59:59+03:00", True: "31.12.2024, 31/12/2024 or 2024-12-31T23:59:59",
          False: "12/31/2024 or 2024-12-31T23:59:59"}


class MomentRules(WrittenRules):
    comes_again = False

    def expected(self, column: Column, value: object) -> str:
        told = f"expected a date as {_FORMS[column.day_first]}, got {describe(value)}"
        if isinstance(value, str) and orders(value.strip()):
            return f"{told}: a form that training has not seen"
        return told

    def odd_values(self, borders: Array) -> Array:
        return texts_of(["", "0001-01-01", "9999-12-31T23:59:59", "1969-12-31T23:59:59-11:30", "1900-02-28",
                         "2000-02-29T12:00:00+14:00", "2000-03-01T00:00:00", "2024-12-31T23:59:59"])

    def gauge(self, values: Array) -> Array:
        return years_of(values)

    def read(self, column: Column, value: object) -> str | None:
        if value is None:
            return ""
        if not isinstance(value, str):
            return None
        word = word_in(column, value)
        return read_moment(word, column.day_first) if word else ""
