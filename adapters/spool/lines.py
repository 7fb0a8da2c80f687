"""One entry as one line of text, and back: JSON, in which an array of numbers is its bytes, and texts that come again
stand once, so that a row of a file costs no text for each of its cells.

A line begins with its checksum and how many rows it has. Behind those of many rows the bytes of the arrays follow as
they are, and a newline; then the head tells how many bytes these are, too: `RRR+BBB`.
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime
from functools import reduce
from operator import attrgetter
from typing import Any
from zlib import crc32

import msgspec
import numpy as np

from application.ports.prediction_log import AnsweredRows
from domain.arrays import Array
from domain.text_cells import CodedTexts

# Keeps a line, and what is held in memory of it, small.
ROWS_IN_A_LINE = 2_000
_HEAD_BYTES, _MOST_TEXTS = 9, 1 << 16
_COUNTS = re.compile(rb"(\d{1,9})(?:\+(\d{1,9}))? ")
_DTYPES: Mapping[str, np.dtype[Any]] = {
    "float64": np.dtype("<f8"), "float32": np.dtype("<f4"), "codes": np.dtype("<u2")}


class _Packed(msgspec.Struct, omit_defaults=True):
    """float64, or float32 where these are the same numbers: little-endian, NaN for a missing one. codes: of texts,
    uint16, little-endian, positions among `texts`. One of them; or kind, what it is of these: then `n` of them stand
    behind the line, from the byte `at` on."""

    float64: bytes = b""
    float32: bytes = b""
    codes: bytes = b""
    texts: list[str | None] | None = None
    kind: str = ""
    at: int = 0
    n: int = 0

    def cells(self, behind: bytes) -> list[float | None] | list[str | None]:
        """Raises: ValueError, LookupError for what no entry has."""
        if self.texts is not None:
            return list(map(self.texts.__getitem__, self._array("codes", behind).tolist()))
        kind = self.kind or ("float32" if self.float32 else "float64")
        numbers: list[float] = self._array(kind, behind).tolist()
        return [None if number != number else number for number in numbers]

    def _array(self, kind: str, behind: bytes) -> Array:
        if self.kind:
            return np.frombuffer(behind, _DTYPES[kind], self.n, self.at)
        return np.frombuffer(getattr(self, kind), _DTYPES[kind])


class _Entry(msgspec.Struct):
    """AnsweredRows as a line holds them."""

    request_id: str
    created_at: datetime
    route: str
    task: str
    experiment_id: int
    row_nos: list[int]
    inputs: dict[str, _Packed | list[float | str | None]]
    predictions: _Packed | list[str | int | float]
    scores: _Packed | list[float]
    latency_s: float
    labels: list[str | None] | None = None
    probabilities: list[list[float]] | None = None
    shadow: bool = False


def _packed(value: object) -> _Packed | list[Any]:
    """What the encoder asks for of each thing that is not plain."""
    found = _bytes_of(value)
    if isinstance(found, list):
        return found
    packed = _Packed(texts=found[2])
    setattr(packed, found[0], found[1].tobytes())
    return packed


def _bytes_of(value: object) -> tuple[str, Array, list[str | None] | None] | list[Any]:
    """(what it is of those that `_Packed` has, its numbers, the texts that these are positions of), or plain values."""
    assert isinstance(value, np.ndarray)
    if value.dtype != object:
        short = _as_float32(value)
        return ("float64", value.astype("<f8", copy=False), None) if short is None else ("float32", short, None)
    if isinstance(value, CodedTexts) and value.codes is not None and len(value.texts) <= min(len(value), _MOST_TEXTS):
        return "codes", value.codes.astype("<u2"), list(value.texts)
    plain: list[Any] = value.tolist()
    return plain


def _as_float32(numbers: Array) -> Array | None:
    """None if some are others then."""
    if numbers.dtype == np.dtype("<f4"):
        return numbers
    with np.errstate(over="ignore", under="ignore"):
        short = numbers.astype("<f4")
    same = short == numbers
    return short if same.all() or (same | np.isnan(numbers)).all() else None


_encoder, _decoder = msgspec.json.Encoder(enc_hook=_packed), msgspec.json.Decoder(_Entry)
_values = attrgetter(*(item.name for item in fields(AnsweredRows)))
_PER_ROW = tuple(item.name for item in fields(AnsweredRows)
                 if item.name in ("row_nos", "predictions", "scores", "labels", "probabilities"))


def encode(rows: AnsweredRows) -> bytes:
    """With its newline. NaN becomes null."""
    content = b"%d %b" % (rows.n_rows, _encoder.encode(rows))
    return b"%08x %b\n" % (crc32(content), content)


class Batch:
    """Entries of many rows, whose arrays stand behind their lines. For one thread."""

    def __init__(self) -> None:
        self._encoder = msgspec.json.Encoder(enc_hook=self._placed)
        self._behind: list[memoryview] = []
        self._size = 0

    def encode(self, rows: AnsweredRows) -> list[memoryview]:
        """With all that belongs to it, in pieces: arrays of `rows` are not copied where they can be written as they
        are. NaN becomes null."""
        self._behind, self._size = [], 0
        text = self._encoder.encode(rows)
        content, behind = b"%d+%d %b" % (rows.n_rows, self._size, text), self._behind
        checksum = reduce(lambda so_far, piece: crc32(piece, so_far), behind, crc32(content))
        return [memoryview(b"%08x %b\n" % (checksum, content)), *behind, memoryview(b"\n")]

    def _placed(self, value: object) -> _Packed | list[Any]:
        found = _bytes_of(value)
        if isinstance(found, list):
            return found
        kind, array, texts = found
        packed = _Packed(kind=kind, at=self._size, n=len(array), texts=texts)
        self._behind.append(np.ascontiguousarray(array).view(np.uint8).data)
        self._size += array.nbytes
        return packed


def decode(line: bytes, behind: bytes = b"") -> AnsweredRows | None:
    """line: without its newline. behind: as many bytes as `bytes_behind` tells, or fewer where the file ends. None if
    it cannot be read."""
    content = line[_HEAD_BYTES:]
    if line[:_HEAD_BYTES] != b"%08x " % crc32(behind, crc32(content)):
        return None
    try:
        return _read(_decoder.decode(content.partition(b" ")[2]), behind)
    except (msgspec.DecodeError, ValueError, LookupError):  # another version of the program wrote it
        return None


def _read(entry: _Entry, behind: bytes) -> AnsweredRows:
    # Of single rows, of which there are the most, all are lists.
    if set(map(type, (entry.predictions, entry.scores, *entry.inputs.values()))) != {list}:
        entry.predictions, entry.scores = (_unpacked(cells, behind) for cells in (entry.predictions, entry.scores))
        entry.inputs = {name: _unpacked(cells, behind) for name, cells in entry.inputs.items()}
    return AnsweredRows(*_values(entry))


def _unpacked(cells: _Packed | list[Any], behind: bytes) -> list[Any]:
    return cells.cells(behind) if isinstance(cells, _Packed) else cells


def rows_in(line: bytes) -> int:
    """By its head alone; 0 if it is torn there."""
    counts = _COUNTS.match(line, _HEAD_BYTES)
    return int(counts[1]) if counts else 0


def bytes_behind(line: bytes) -> int | None:
    """How many follow the line and its newline, before another newline, by its head alone; None if there are none."""
    counts = _COUNTS.match(line, _HEAD_BYTES)
    return int(counts[2]) if counts and counts[2] else None


def cut(rows: AnsweredRows) -> Iterator[AnsweredRows]:
    """The same rows in entries of at most ROWS_IN_A_LINE."""
    if rows.n_rows <= ROWS_IN_A_LINE:
        yield rows
        return
    inputs = {name: _short(cells) for name, cells in rows.inputs.items()}
    for start in range(0, rows.n_rows, ROWS_IN_A_LINE):
        part = slice(start, start + ROWS_IN_A_LINE)
        values = {name: value[part] for name in _PER_ROW if (value := getattr(rows, name)) is not None}
        yield replace(rows, inputs={name: cells[part] for name, cells in inputs.items()}, **values)


def _short(cells: Any) -> Any:
    """A column of numbers as float32 where that is the same, once for all of its lines."""
    if not isinstance(cells, np.ndarray) or cells.dtype == object:
        return cells
    short = _as_float32(cells)
    return cells if short is None else short
