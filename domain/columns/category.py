"""Categories: texts, "" for missing."""
from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from domain.arrays import Array
from domain.cells import MAX_TEXT_CHARS, REQUIRED, all_usable, describe, unusable
from domain.columns.rules import ColumnRules, Form
from domain.text_cells import CodedTexts, TextCells

if TYPE_CHECKING:
    from domain.schema import Column

UNSEEN = "a category that no training data holds"


class CategoryRules(ColumnRules):
    form = Form.TEXTS

    def quickly(self, column: Column, values: Sequence[Any], text: bool) -> Array | None:
        if isinstance(values, TextCells):
            places, distinct = values.coded()
            read = _read(column, distinct)
            return None if read is None else CodedTexts.of(read, places)
        texts = _read(column, values)
        return None if texts is None else texts_of(texts)

    def whole(self, column: Column, array: Array) -> Array | None:
        if not isinstance(array, CodedTexts) or array.codes is None:
            return None
        read = _read(column, [text or "" for text in array.texts])
        if read == array.texts:
            return array
        return None if read is None else CodedTexts.of(read, array.codes)

    def plainly(self, column: Column, value: object) -> str | None:
        if column.digits is not None:
            value = _text(column, value)
        if type(value) is not str or len(value) > MAX_TEXT_CHARS or not value.isprintable():
            return None
        text = value.strip()
        if column.digits is not None:
            text = recoded(text, column.digits)
        return text if text not in column.missing and (text or column.nullable) else None

    def problem(self, column: Column, value: Any, text: bool) -> str | None:
        stripped = _text(column, value)
        if stripped is None:
            return f"expected a string, got {describe(value)}"
        if not column.nullable and (not stripped or stripped in column.missing):
            return REQUIRED
        return unusable(stripped)

    def odd_values(self, borders: Array) -> Array:
        return texts_of(["", UNSEEN, "é", "0"])


def _read(column: Column, values: Sequence[Any]) -> list[str] | None:
    """What each is in this column, if all are fit for it."""
    try:
        texts = list(map(str.strip, values))
    except TypeError:
        read = [_text(column, value) for value in values]
        texts = [value for value in read if value is not None]
        if len(texts) < len(read):
            return None
    distinct = set(texts)
    if column.digits is not None and (changed := _recoded(distinct, column.digits)):
        texts = [changed.get(value, value) for value in texts]
        distinct = set(texts)
    if not distinct.isdisjoint(column.missing):
        texts = ["" if value in column.missing else value for value in texts]
        distinct = set(texts)
    if (not column.nullable and "" in distinct) or not all_usable(distinct):
        return None
    return texts


def _text(column: Column, value: object) -> str | None:
    """Without space around it, "" for none; of codes a whole number may stand for its text. None if it is no text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if column.digits is None or isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # No float could hold the longest whole numbers.
    is_whole = isinstance(value, int) or (math.isfinite(value) and value == int(value))
    return str(int(value)) if is_whole else None


# A whole number as people and programs write it; pandas writes a column of them with a gap in it as 101.0.
_CODE = re.compile(r"(\d+)(?:\.0+)?", re.ASCII)


def recoded(text: str, digits: int) -> str:
    """The one way in which a code is written here; what is none stays as it is."""
    found = _CODE.fullmatch(text)
    return (found[1].lstrip("0") or "0").zfill(digits) if found else text


def is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def _recoded(distinct: set[str], digits: int) -> dict[str, str]:
    """The texts that are written in another way, with the one that is meant."""
    return {text: code for text in distinct if (code := recoded(text, digits)) != text}


def texts_of(values: Sequence[str]) -> Array:
    """object[n] of these texts."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
