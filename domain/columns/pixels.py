"""Pictures and masks: arrays of pixels, which come as files."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from domain.arrays import Array
from domain.columns.rules import ColumnRules, Form

if TYPE_CHECKING:
    from domain.schema import Column


class PixelRules(ColumnRules):
    form = Form.ARRAYS
    from_files = True

    def quickly(self, column: Column, values: Sequence[Any], text: bool) -> None:
        """No cell is one."""

    def plainly(self, column: Column, value: object) -> None:
        """No JSON value is one."""

    def problem(self, column: Column, value: Any, text: bool) -> str:
        return f"a {column.type} comes as a file, not as a cell"

    def odd_values(self, borders: Array) -> Array:
        """None that could be mixed among others: the odd ones of pictures are made around a real one."""
        return np.empty(0, dtype=object)
