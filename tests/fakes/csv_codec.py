from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import BinaryIO

import numpy as np

from application.ports.csv_codec import SEPARATORS, Cells, CsvCells, CsvChunk, CsvCodec, CsvLimits
from domain.errors import Fault, InvalidInput, TooLarge

CHUNK_ROWS = 1_000
MAX_FAULTS = 100


class StdlibCsvCodec(CsvCodec):
    """Simple instead of fast: it has the whole file in memory, and looks at each cell."""

    def read(self, stream: BinaryIO, limits: CsvLimits = CsvLimits()) -> CsvCells:
        data = b"".join(iter(lambda: stream.read(1 << 20), b""))
        text, problem = _decoded(data)
        separator = _separator(text)
        records = _records(text, separator)
        raw_names = _header(next(records), data, problem, limits)
        names = raw_names[1:] if raw_names[0] == "" else raw_names
        return CsvCells(names, _chunks(records, raw_names, problem, limits))

    def write(self, names: Sequence[str], chunks: Iterable[Mapping[str, Cells]]) -> Iterator[bytes]:
        yield _line(names, '\n\r",;\t|')
        for chunk in chunks:
            columns = [[_cell(value) for value in chunk[name]] for name in names]
            yield b"".join(_line(row, '\n\r",\x1f') for row in zip(*columns, strict=True))


def _decoded(data: bytes) -> tuple[str, str | None]:
    """The text up to what is wrong with it, and that; a NUL ends every text and marks its last record."""
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise _invalid([Fault("file", "the file is UTF-16: save it as UTF-8")])
    if data.startswith(b"PK\x03\x04"):
        raise _invalid([Fault("file", "the file is a workbook or a zip archive: save it as CSV")])
    try:
        text, problem = data.decode(), None
    except UnicodeDecodeError as failure:
        text, problem = data[:failure.start].decode(), f"the byte 0x{data[failure.start]:02X} is not UTF-8"
    if "\0" in text:
        text, problem = text[:text.index("\0")], "there is a NUL byte"
    return text.removeprefix("\ufeff") + ("\0" if problem else "\n\0"), problem


def _records(text: str, separator: str | None) -> Iterator[list[str]]:
    # Without a separator some character has to be named that is not in the text.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator or "\x1f")
    row = 0
    try:
        for row, record in enumerate(filter(None, reader)):
            yield record
    except csv.Error as failure:
        raise TooLarge(f"row {row + 1}: is too long; is a quote never closed in it?") from failure


def _separator(text: str) -> str | None:
    scores: dict[str, tuple[float, int]] = {}
    bare = _bare_header(text.lstrip("\r\n"))
    for separator in SEPARATORS:
        lines = io.StringIO(text, newline="")
        records = filter(None, csv.reader(lines, delimiter=separator))
        # The module refuses a cell of more than 131,072 characters.
        with suppress(csv.Error):
            header = next(records)
            rows: list[list[str]] = []
            if separator in bare and len(header) > 1:
                with suppress(csv.Error):
                    rows += (row for row in islice(records, 100) if not row[-1].endswith("\0"))
                even = float(np.mean([len(row) == len(header) for row in rows])) if rows else 1.0
                scores[separator] = even, len(header)
    return max(scores, key=lambda separator: scores[separator], default=None)


def _bare_header(text: str) -> str:
    """The first line without what is quoted in it, whichever the separator is."""
    kept, quoted, closed_at = "", False, -1
    for position, character in enumerate(text):
        starts = position == 0 or text[position - 1] in ("\r", "\n", *SEPARATORS) or closed_at == position - 1
        if character == '"' and (quoted or starts):
            quoted, closed_at = not quoted, position
        elif not quoted and character in "\r\n":
            break
        elif not quoted:
            kept += character
    return kept


def _header(record: list[str], data: bytes, problem: str | None, limits: CsvLimits) -> tuple[str, ...]:
    if len(data) > limits.max_header_bytes and len(",".join(record).encode()) >= limits.max_header_bytes:
        raise TooLarge("the header is too long")
    if "\0" in record[-1]:
        empty = record == ["\0"] and not problem
        raise _invalid([Fault("file", "is empty") if empty else Fault("header", problem or "a quote is never closed")])
    names = tuple(name.strip() for name in record)
    if len(names) > limits.max_columns:
        raise TooLarge(f"the file has {len(names)} columns")
    if max(map(len, names)) > limits.max_cell_chars:
        raise TooLarge("a name is too long")
    if faults := [*_name_faults(names)]:
        raise _invalid(faults)
    return names


def _name_faults(names: tuple[str, ...]) -> Iterator[Fault]:
    named = names[1:] if names[0] == "" and len(names) > 1 else names
    for position, name in enumerate(named, 1 + len(names) - len(named)):
        if not name:
            yield Fault("header", f"column {position} has no name")
    for name in dict.fromkeys(name for name in named if name and named.count(name) > 1):
        yield Fault(f"column {name}", "is named twice")


def _chunks(
    records: Iterator[list[str]], raw_names: tuple[str, ...], problem: str | None, limits: CsvLimits,
) -> Iterator[CsvChunk]:
    rows, faults, first_row = [], [], 1
    for row, record in enumerate(records, 1):
        if "\0" in record[-1]:
            if problem or record != ["\0"]:
                faults.append(Fault(f"row {row}", problem or "a quote is never closed"))
        elif len(record) != len(raw_names):
            faults.append(Fault(f"row {row}", f"has {len(record)} cells, the header has {len(raw_names)}"))
        else:
            _check_size(row, record, limits)
            rows.append(record)
        if len(faults) == MAX_FAULTS:
            break
        if len(rows) == CHUNK_ROWS and not faults:
            yield _chunk(first_row, raw_names, rows)
            rows, first_row = [], row + 1
    if rows and not faults:
        yield _chunk(first_row, raw_names, rows)
    if faults:
        raise _invalid(faults)


def _check_size(row: int, record: list[str], limits: CsvLimits) -> None:
    if row > limits.max_rows:
        raise TooLarge(f"the file has more than {limits.max_rows} rows")
    if max(map(len, record)) > limits.max_cell_chars:
        raise TooLarge(f"row {row}: a cell is longer than {limits.max_cell_chars} characters")


def _chunk(first_row: int, raw_names: tuple[str, ...], rows: list[list[str]]) -> CsvChunk:
    return CsvChunk(first_row, {name: list(cells) for name, cells in zip(raw_names, zip(*rows)) if name})


def _invalid(faults: list[Fault]) -> InvalidInput:
    return InvalidInput(f"{faults[0].where}: {faults[0].problem}", faults)


def _cell(value: object) -> str:
    if isinstance(value, np.generic) and not isinstance(value, np.floating):
        value = value.item()
    # str of a numpy float, unlike that of its Python value, is the shortest of its own width.
    return "" if value is None or value != value else str(value)


def _line(cells: Sequence[str], marks: str) -> bytes:
    quoted = ['"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in marks) else cell for cell in cells]
    return ((",".join(quoted) or '""') + "\n").encode()
