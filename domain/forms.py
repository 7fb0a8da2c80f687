"""Coerced cells as plain values that JSON can hold, both ways, by the form in which a column holds them."""
from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from domain.arrays import Array, Flags, Floats
from domain.columns.rules import Form
from domain.picture import cells, pack, unpack
from domain.text_cells import CodedTexts


def known(values: Array) -> Flags:
    """Which cells have a value."""
    if values.dtype != object:
        return ~np.isnan(values)
    if len(values) and isinstance(values[0], np.ndarray):
        return np.full(len(values), True)
    filled: Flags = values != ""
    return filled


def to_plain(values: Array) -> list[Any]:
    """null stands for a missing number; arrays are packed."""
    if values.dtype == object:
        return [pack(value) if isinstance(value, np.ndarray) else value for value in values]
    return [None if value != value else value for value in values.tolist()]


def from_plain(form: Form, values: Sequence[Any]) -> Array:
    """What `to_plain` wrote. Raises: ValueError, LookupError, TypeError or OverflowError if it is none."""
    return _READ[form](values)


def _numbers(values: Sequence[Any]) -> Array:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _texts(values: Sequence[Any]) -> Array:
    return np.array(values, dtype=object)


def _arrays(values: Sequence[Mapping[str, Any]]) -> Array:
    return cells([unpack(value) for value in values])


_READ = {Form.NUMBERS: _numbers, Form.TEXTS: _texts, Form.ARRAYS: _arrays}


def to_log(values: Array) -> list[Any] | Floats | CodedTexts:
    """What the prediction log keeps of a column: of a picture the SHA-256 of its pixels."""
    if values.dtype.kind == "f" or (isinstance(values, CodedTexts) and values.codes is not None):
        return values
    if values.dtype == object and len(values) and isinstance(values[0], np.ndarray):
        return [hashlib.sha256(np.ascontiguousarray(picture).data).hexdigest() for picture in values]
    cells_of: list[Any] = values.tolist()
    return cells_of
