"""Types whose values are read out of words into texts that are written the one way, "" for missing."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from domain.arrays import Array
from domain.cells import MISSING_NUMBERS, REQUIRED
from domain.columns.category import texts_of
from domain.columns.rules import ColumnRules, Form

if TYPE_CHECKING:
    from domain.schema import Column


class WrittenRules(ColumnRules, ABC):
    form = Form.TEXTS

    @abstractmethod
    def read(self, column: Column, value: object) -> str | None:
        """"" for missing, None for what is no value of the type."""

    @abstractmethod
    def expected(self, column: Column, value: object) -> str:
        """What is wrong with what is no value of the type."""

    def quickly(self, column: Column, values: Sequence[Any], text: bool) -> Array | None:
        try:
            read = {value: self.read(column, value) for value in set(values)}
        except TypeError:  # a list or an object
            return None
        if None in read.values() or ("" in read.values() and not column.nullable):
            return None
        return texts_of([read[value] or "" for value in values])

    def plainly(self, column: Column, value: object) -> str | None:
        found = self.read(column, value)
        return found if found or column.nullable else None

    def problem(self, column: Column, value: Any, text: bool) -> str | None:
        found = self.read(column, value)
        if found is None:
            return self.expected(column, value)
        return None if found or column.nullable else REQUIRED


def word_in(column: Column, text: str) -> str:
    """The text without the space around it; "" if it stands for missing."""
    word = text.strip()
    return "" if word in MISSING_NUMBERS or word in column.missing else word
