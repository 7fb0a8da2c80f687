"""One row as JSON to coerced cells in one pass, for rows that are as they should be."""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from domain.cells import FLOAT32_MAX
from domain.columns.rules import Form
from domain.schema import Column, Schema

# Of each column of texts so many different values are remembered with what they are coerced to.
REMEMBERED = 512
_NUMBER = Annotated[float, msgspec.Meta(ge=-FLOAT32_MAX, le=FLOAT32_MAX)]
UNTAKEN = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class RowDecoder:
    """Made of a task's columns once. Thread-safe: yes."""

    def __init__(self, schema: Schema) -> None:
        features = schema.features
        spare = sorted(filter(_writable, schema.spare_names - {column.name for column in features}))
        self._decode = _decoder(features, spare) if all(_writable(column.name) for column in features) else _nothing
        self._read = [
            (f"f{place}", column.name, None if column.rules.form is Form.NUMBERS else TextCells(column).coerced)
            for place, column in enumerate(features)]

    def decode(self, body: bytes) -> dict[str, float | str] | None:
        """The cells of the same table that `decode_row` and coercion make of it. None if something is wrong with it, or
        might be: they say what."""
        try:
            row = self._decode(body)
        except UNTAKEN:
            return None
        cells: dict[str, float | str] = {}
        for field, name, coerced in self._read:
            cell = getattr(row, field)
            if coerced is not None:
                cell = coerced(cell)
                if cell is None:
                    return None
            cells[name] = math.nan if cell is None else cell
        return cells


class TextCells:
    """Of one column of texts."""

    def __init__(self, column: Column) -> None:
        self._column, self._rules = column, column.rules
        self._known: dict[str, str] = {}

    def coerced(self, value: object) -> str | None:
        """None where it is faulty."""
        if type(value) is not str:
            return self._read(value)
        known = self._known.get(value)
        return self._new(value) if known is None else known

    def _new(self, value: str) -> str | None:
        text = self._read(value)
        if text is not None and len(self._known) < REMEMBERED and len(value) <= REMEMBERED:
            self._known[value] = text
        return text

    def _read(self, value: object) -> str | None:
        text = self._rules.plainly(self._column, value)
        if isinstance(text, str):
            return text
        looked_at = self._rules.quickly(self._column, (value,), text=False)
        return None if looked_at is None else str(looked_at[0])


def _writable(name: str) -> bool:
    """Whether a field can be read by this name."""
    return not any(char in '"\\' or char < " " for char in name)


def _nothing(body: bytes) -> Any:
    raise msgspec.ValidationError("some column has a name that no field can have")


def _decoder(features: Sequence[Column], spare: Sequence[str]) -> Callable[[bytes], Any]:
    fields = [(f"f{place}", _type(column), msgspec.field(name=column.name)) for place, column in enumerate(features)]
    fields += [(f"s{place}", Any, msgspec.field(name=name, default=None)) for place, name in enumerate(spare)]
    row = msgspec.defstruct("Row", fields, forbid_unknown_fields=True, gc=False)
    return msgspec.json.Decoder(row).decode


def _type(column: Column) -> Any:
    if column.rules.form is not Form.NUMBERS:
        return Any
    return _NUMBER | None if column.nullable else _NUMBER
