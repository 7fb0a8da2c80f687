"""One row of tensors to coerced cells in one pass, for rows that are as they should be."""
from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import nan
from types import MappingProxyType
from typing import Any

import msgspec

from domain.cells import FLOAT32_MAX
from domain.columns import ColumnType
from domain.columns.rules import Form
from domain.schema import Column, Schema
from entrypoints.formats.row_decoder import UNTAKEN, TextCells
from entrypoints.formats.v2.infer_request import ALL_BINARY, BINARY, BINARY_SIZE, Head, InferRequest, Input
from entrypoints.formats.v2.tensors import BYTES

_LENGTH = struct.Struct("<I")
_NUMBERS: Mapping[str, struct.Struct] = MappingProxyType({
    "FP32": struct.Struct("<f"), "FP64": struct.Struct("<d"), "INT8": struct.Struct("<b"), "INT16": struct.Struct("<h"),
    "INT32": struct.Struct("<i"), "INT64": struct.Struct("<q"), "UINT8": struct.Struct("<B"),
    "UINT16": struct.Struct("<H"), "UINT32": struct.Struct("<I"), "UINT64": struct.Struct("<Q")})
_FLOATS = frozenset({"FP32", "FP64"})
_SHAPES = ([1], [1, 1])
_READ = msgspec.json.Decoder(Head)


class _Untaken(Exception):
    pass


@dataclass(frozen=True, eq=False, slots=True)
class TensorRow:
    """cells: as `RowDecoder` makes them. asked: without its inputs."""

    cells: Mapping[str, float | str]
    asked: InferRequest


class TensorRowDecoder:
    """Made of a task's columns once. Thread-safe: yes. What it does not take may be sound all the same."""

    def __init__(self, schema: Schema) -> None:
        self._read = {column.name: _reader(column) for column in schema.features}
        self._takes = all(reader is not None for reader in self._read.values())

    def decode(self, body: bytes, json_bytes: int | None) -> TensorRow | None:
        """The cells of the same table that `infer_request.decode` and coercion make of it. None if something is wrong
        with it, or might be: they say what."""
        try:
            return self._decoded(body, len(body) if json_bytes is None else json_bytes) if self._takes else None
        except (*UNTAKEN, _Untaken, struct.error, OverflowError):
            return None

    def _decoded(self, body: bytes, at: int) -> TensorRow | None:
        head = _READ.decode(body[:at])
        if len(head.inputs) != len(self._read):
            return None
        found: dict[str, float | str | None] = {}
        for entry in head.inputs:
            reader = self._read.get(entry.name)
            if reader is None or entry.name in found or entry.shape not in _SHAPES:
                return None
            size = _size(entry)
            found[entry.name] = reader(_of_json(entry) if size is None else _of_bytes(entry.datatype, body, at, size))
            at += size or 0
        if at != len(body) or None in found.values():
            return None
        cells = {name: found[name] for name in self._read}
        return TensorRow(cells, _asked(head))  # type: ignore[arg-type]  # none of them is None


def _reader(column: Column) -> Callable[[float | str | None], float | str | None] | None:
    """What makes a cell of a value, None where it is faulty; None for a column that is left to the slow way."""
    if column.rules.form is Form.TEXTS:
        cells = TextCells(column)
        return lambda value: cells.coerced(value) if type(value) is str else None
    if column.type is not ColumnType.NUMBER:
        return None
    missing = nan if column.nullable else None

    def number(value: float | str | None) -> float | None:
        if isinstance(value, str):
            return None
        if value is None or value != value:
            return missing
        return float(value) if -FLOAT32_MAX <= value <= FLOAT32_MAX else None
    return number


def _size(entry: Input) -> int | None:
    """How many bytes it has behind the JSON; None where it is in it. Raises: _Untaken."""
    size = entry.parameters.get(BINARY_SIZE)
    if entry.data is not msgspec.UNSET:
        if entry.parameters:
            raise _Untaken
        return None
    if type(size) is not int or size < 0 or len(entry.parameters) > 1:
        raise _Untaken
    return size


def _of_bytes(datatype: str, body: bytes, at: int, size: int) -> float | str:
    """Raises: _Untaken, struct.error, UnicodeDecodeError."""
    if datatype == BYTES:
        length, = _LENGTH.unpack_from(body, at)
        if length + _LENGTH.size != size or at + size > len(body):
            raise _Untaken
        return body[at + _LENGTH.size:at + size].decode()
    number = _NUMBERS.get(datatype)
    if number is None or number.size != size:
        raise _Untaken
    value: float = number.unpack_from(body, at)[0]
    return value


def _of_json(entry: Input) -> float | str | None:
    """Raises: _Untaken, struct.error, OverflowError for a number that its type does not hold."""
    value = entry.data
    for _ in entry.shape:
        if type(value) is list and len(value) == 1:
            value = value[0]
    if entry.datatype == BYTES:
        if type(value) is not str:
            raise _Untaken
        return value
    number, kind = _NUMBERS.get(entry.datatype), type(value)
    if number is None or not (kind is int or (entry.datatype in _FLOATS and (kind is float or value is None))):
        raise _Untaken
    return None if value is None else float(number.unpack(number.pack(value))[0])


def _asked(head: Head) -> InferRequest:
    """Raises: _Untaken."""
    everywhere = _flag(head.parameters, ALL_BINARY, False)
    outputs = {entry.name: _flag(entry.parameters, BINARY, everywhere) for entry in head.outputs}
    if len(outputs) != len(head.outputs):
        raise _Untaken
    return InferRequest(head.id, (), outputs, everywhere)


def _flag(parameters: Mapping[str, Any], name: str, default: bool) -> bool:
    """Raises: _Untaken where there is another, or it is neither true nor false."""
    value = parameters.get(name, default)
    if type(value) is not bool or len(parameters) > (name in parameters):
        raise _Untaken
    return value
