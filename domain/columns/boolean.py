"""Yes or no, however it is written: the texts "true" and "false", "" for missing."""
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from domain.arrays import Array
from domain.cells import describe
from domain.columns.category import texts_of
from domain.columns.written import WrittenRules, word_in

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


class BooleanRules(WrittenRules):
    def expected(self, column: Column, value: object) -> str:
        return f"expected true or false, got {describe(value)}"

    def odd_values(self, borders: Array) -> Array:
        return texts_of(["", TRUE, FALSE])

    def read(self, column: Column, value: object) -> str | None:
        if value is None:
            return ""
        if isinstance(value, (bool, np.bool_)):
            return TRUE if value else FALSE
        if isinstance(value, (int, float)):
            return _OF_NUMBERS.get(value)
        if not isinstance(value, str):
            return None
        word = word_in(column, value)
        return WORDS.get(word.casefold()) if word else ""
