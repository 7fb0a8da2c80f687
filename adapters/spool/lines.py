"""One entry as one line of text, and back."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from zlib import crc32

import msgspec

from application.ports.prediction_log import AnsweredRows

# Keeps a line, and what is held in memory of it, small.
ROWS_IN_A_LINE = 500
_HEAD_BYTES = 9
_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(AnsweredRows)
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
        return _decoder.decode(content.partition(b" ")[2])
    except msgspec.DecodeError:  # another version of the program wrote it
        return None


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
