"""The types of columns and their rules. Whoever handles cells asks `column.rules`, never which type it is."""
from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.columns.boolean import BooleanRules
from domain.columns.category import CategoryRules
from domain.columns.moment import MomentRules
from domain.columns.number import NumberRules
from domain.columns.pixels import PixelRules
from domain.columns.rules import ColumnRules
from domain.columns.text import TextRules


class ColumnType(StrEnum):
    NUMBER = "number"
    CATEGORY = "category"
    BOOLEAN = "boolean"
    # Free text, learned from by its words and characters.
    TEXT = "text"
    DATETIME = "datetime"
    PICTURE = "picture"
    # For each pixel of a picture the class that it is of.
    MASK = "mask"


RULES: Mapping[ColumnType, ColumnRules] = MappingProxyType({
    ColumnType.NUMBER: NumberRules(), ColumnType.CATEGORY: CategoryRules(), ColumnType.BOOLEAN: BooleanRules(),
    ColumnType.TEXT: TextRules(), ColumnType.DATETIME: MomentRules(),
    ColumnType.PICTURE: PixelRules(), ColumnType.MASK: PixelRules(),
})
