"""Yes or no, however it is written: the texts "true" and "false", "" for missing."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from domain.arrays import Array
from domain.cells import MISSING_NUMBERS, REQUIRED, describe
from domain.columns.category import texts_of
from domain.columns.rules import ColumnRules, Form

if TYPE_CHECKING:
    from domain.schema import Column

TRUE, FALSE = "true", "false"
# In lower case. A pair stands in one line: a column that holds words of one pair alone is a boolean.
PAIRS = (("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("on", "off"), ("да", "нет"), ("д", "н"),
         ("истина", "ложь"))
_NUMBERS = {"1": TRUE, "0": FALSE, "1.0": TRUE, "0.0": FALSE}
_OF_NUMBERS: Mapping[float, str] = {1: TRUE, 0: FALSE}
# Words that mean nothing else, so that one of them is enough.
_PLAIN = (PAIRS[0], PAIRS[-1])
WORDS: Mapping[str, str] = _NUMBERS | {word: value for pair in PAIRS for word, value in zip(pair, (TRUE, FALSE))}


def is_pair(words: set[str]) -> bool:
    """Whether a column of these words, as they are written, says yes or no: both of a pair, or "true" alone."""
    folded = {word.casefold() for word in words}
    pairs = PAIRS if len(folded) == 2 else _PLAIN if len(folded) == 1 else ()
    return any(folded <= set(pair) for pair in pairs)


class BooleanRules(ColumnRules):
    form = Form.TEXTS

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
            return f"expected true or false, got {describe(value)}"
        return None if found or column.nullable else REQUIRED

    def odd_values(self, borders: Array) -> Array:
        return texts_of(["", TRUE, FALSE])

    def _read(self, column: Column, value: object) -> str | None:
        """"" for missing, None for what is neither."""
        if value is None:
            return ""
        if isinstance(value, (bool, np.bool_)):
            return TRUE if value else FALSE
        if isinstance(value, (int, float)):
            return _OF_NUMBERS.get(value)
        if not isinstance(value, str):
            return None
        word = value.strip()
        if word in MISSING_NUMBERS or word in column.missing:
            return ""
        return WORDS.get(word.casefold())
