"""Categories: texts, "" for missing."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from domain.arrays import Array
from domain.cells import MAX_TEXT_CHARS, REQUIRED, describe, unusable
from domain.columns.rules import ColumnRules, Form

if TYPE_CHECKING:
    from domain.schema import Column

UNSEEN = "a category that no training data holds"


class CategoryRules(ColumnRules):
    form = Form.TEXTS

    def quickly(self, column: Column, values: Sequence[Any], text: bool) -> Array | None:
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
        if (not column.nullable and "" in distinct) or any(map(unusable, distinct)):
            return None
        return texts_of(texts)

    def plainly(self, column: Column, value: object) -> str | None:
        if type(value) is not str or len(value) > MAX_TEXT_CHARS or not value.isprintable():
            return None
        text = value.strip()
        return text if text not in column.missing and (text or column.nullable) else None

    def problem(self, column: Column, value: Any, text: bool) -> str | None:
        if value is not None and not isinstance(value, str):
            return f"expected a string, got {describe(value)}"
        stripped = (value or "").strip()
        if not column.nullable and (not stripped or stripped in column.missing):
            return REQUIRED
        return unusable(stripped)

    def odd_values(self, borders: Array) -> Array:
        return texts_of(["", UNSEEN, "é", "0"])


def texts_of(values: Sequence[str]) -> Array:
    """object[n] of these texts."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
