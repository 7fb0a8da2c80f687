"""One entry as one line of text, and back: JSON, in which an array of numbers is its bytes, and texts that come again
stand once, so that a row of a file costs no text for each of its cells."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime
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


class _Packed(msgspec.Struct, omit_defaults=True):
    """float64, or float32 where these are the same numbers: little-endian, NaN for a missing one. codes: of texts,
    uint16, little-endian, positions among `texts`. One of them."""

    float64: bytes = b""
    float32: bytes = b""
    codes: bytes = b""
    texts: list[str | None] | None = None

    def cells(self) -> list[float | None] | list[str | None]:
        if self.texts is not None:
            return list(map(self.texts.__getitem__, np.frombuffer(self.codes, "<u2").tolist()))
        numbers: list[float] = (np.frombuffer(self.float32, "<f4") if self.float32 else
                                np.frombuffer(self.float64, "<f8")).tolist()
        return [None if number != number else number for number in numbers]


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
    assert isinstance(value, np.ndarray)
    if value.dtype != object:
        short = _as_float32(value)
        return (_Packed(float64=value.astype("<f8", copy=False).tobytes()) if short is None else
                _Packed(float32=short.tobytes()))
    if isinstance(value, CodedTexts) and value.codes is not None and len(value.texts) <= min(len(value), _MOST_TEXTS):
        return _Packed(codes=value.codes.astype("<u2").tobytes(), texts=list(value.texts))
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
_NAMES = tuple(item.name for item in fields(AnsweredRows))
_PER_ROW = tuple(item.name for item in fields(AnsweredRows)
                 if item.name in ("row_nos", "predictions", "scores", "labels", "probabilities"))


def encode(rows: AnsweredRows) -> bytes:
    """With its newline. NaN becomes null."""
    content = b"%d %b" % (rows.n_rows, _encoder.encode(rows))
    return b"%08x %b\n" % (crc32(content), content)


def decode(line: bytes) -> AnsweredRows | None:
    """line: without its newline. None if it cannot be read."""
    content = line[_HEAD_BYTES:]
    if line[:_HEAD_BYTES] != b"%08x " % crc32(content):
        return None
    try:
        return _read(_decoder.decode(content.partition(b" ")[2]))
    except (msgspec.DecodeError, ValueError):  # another version of the program wrote it
        return None


def _read(entry: _Entry) -> AnsweredRows:
    values: dict[str, Any] = {name: getattr(entry, name) for name in _NAMES}
    return AnsweredRows(**values | {"predictions": _unpacked(entry.predictions), "scores": _unpacked(
        entry.scores), "inputs": {
        name: _unpacked(cells) for name, cells in entry.inputs.items()}})


def _unpacked(cells: _Packed | list[Any]) -> list[Any]:
    return cells.cells() if isinstance(cells, _Packed) else cells


def rows_in(line: bytes) -> int:
    """By its head alone; 0 if it is torn there."""
    count = line[_HEAD_BYTES:_HEAD_BYTES + 12].partition(b" ")[0]
    return int(count) if count.isdigit() else 0


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
