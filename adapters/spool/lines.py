"""One entry as one line of text, and back: JSON, in which an array of numbers is its bytes, so that a row of a file
costs no text for each of its numbers."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from zlib import crc32

import msgspec
import numpy as np

from application.ports.prediction_log import AnsweredRows

# Keeps a line, and what is held in memory of it, small.
ROWS_IN_A_LINE = 500
_HEAD_BYTES = 9


class _Packed(msgspec.Struct):
    """float64: little-endian, NaN for a missing number."""

    float64: bytes

    def cells(self) -> list[float | None]:
        numbers: list[float] = np.frombuffer(self.float64, "<f8").tolist()
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
    predictions: list[str | int | float]
    scores: _Packed | list[float]
    latency_s: float
    labels: list[str | None] | None = None
    probabilities: list[list[float]] | None = None


def _packed(value: object) -> _Packed:
    """What the encoder asks for of each thing that is not plain."""
    assert isinstance(value, np.ndarray)
    return _Packed(value.astype("<f8", copy=False).tobytes())


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
    scores = entry.scores.cells() if isinstance(entry.scores, _Packed) else entry.scores
    return AnsweredRows(**values | {"scores": scores, "inputs": {
        name: cells.cells() if isinstance(cells, _Packed) else cells for name, cells in entry.inputs.items()}})


def rows_in(line: bytes) -> int:
    """By its head alone; 0 if it is torn there."""
    count = line[_HEAD_BYTES:_HEAD_BYTES + 12].partition(b" ")[0]
    return int(count) if count.isdigit() else 0


def cut(rows: AnsweredRows) -> Iterator[AnsweredRows]:
    """The same rows in entries of at most ROWS_IN_A_LINE."""
    if rows.n_rows <= ROWS_IN_A_LINE:
        yield rows
        return
    for start in range(0, rows.n_rows, ROWS_IN_A_LINE):
        part = slice(start, start + ROWS_IN_A_LINE)
        values = {name: value[part] for name in _PER_ROW if (value := getattr(rows, name)) is not None}
        yield replace(rows, inputs={name: cells[part] for name, cells in rows.inputs.items()}, **values)
