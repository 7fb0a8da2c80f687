"""Columns that may be empty in some rows, in rows where they are not."""
from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def present(value: T | None) -> T:
    """Raises: RuntimeError if the row is not what the table promises."""
    if value is None:
        raise RuntimeError("a column is empty that is filled in rows of this kind")
    return value
