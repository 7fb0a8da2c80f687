from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice

import numpy as np

from application.ports.csv_codec import SEPARATORS, Cells, CsvCells, CsvChunk, CsvCodec, CsvLimits, Readable
from domain.errors import Fault, InvalidInput, TooLarge

CHUNK_ROWS = 1_000
MAX_FAULTS = 100


class StdlibCsvCodec(CsvCodec):
    """Simple instead of fast: it has the whole file in memory, and looks at each cell."""

    def read(self, stream: Readable, limits: CsvLimits = CsvLimits()) -> CsvCells:
        data = b"".join(iter(lambda: stream.read(1 << 20), b""))
        text, problem = _decoded(data)
        text, separator = _said(text)
        separator = separator or _separator(text)
        records = _records(text, separator)
        header = next(records)
        raw_names = _header(header, _sample(text, separator), data, problem, limits)
        left_out = [position for position, name in enumerate(raw_names, 1) if not name]
        left_out += range(len(raw_names) + 1, len(header) + 1)
        names = tuple(filter(None, raw_names))
        return CsvCells(names, _chunks(records, raw_names, problem, limits), tuple(left_out), separator or "")

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


def _said(text: str) -> tuple[str, str | None]:
    """The text without a line `sep=;` before it, and what that line says."""
    line, end, rest = text.lstrip("\r\n").partition("\n")
    if "\r" in line.rstrip("\r"):
        line, end, rest = text.lstrip("\r\n").partition("\r")
    said = re.fullmatch(r'"?sep=([^\w\s"\0]|\t)"?\r?', line, re.IGNORECASE)
    return (rest, said[1]) if said and end else (text, None)


def _sample(text: str, separator: str | None) -> list[list[str]]:
    rows: list[list[str]] = []
    with suppress(csv.Error, TooLarge, StopIteration):
        records = filter(None, csv.reader(io.StringIO(text, newline=""), delimiter=separator or "\x1f"))
        next(records)
        rows += (row for row in islice(records, 100) if "\0" not in row[-1])
    return rows


def _fitted(names: list[str], rows: list[list[str]]) -> list[str]:
    """The names of as many columns as most rows have, if nothing but empty cells is lost."""
    widths = [len(row) for row in rows]
    width = max(widths, key=widths.count, default=len(names))
    if 1 < width < len(names) and not any(names[width:]):
        return names[:width]
    if width > max(1, len(names)) and not any(cell.strip() for row in rows for cell in row[len(names):]):
        return names + [""] * (width - len(names))
    return names


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
                width = len(_fitted([name.strip() for name in header], rows))
                scores[separator] = (float(np.mean([len(row) == width for row in rows])) if rows else 1, len(header))
    return max(scores, key=lambda each: scores[each], default=None)


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


def _header(record: list[str], rows: list[list[str]], data: bytes, problem: str | None,
            limits: CsvLimits) -> tuple[str, ...]:
    if len(data) > limits.max_header_bytes and len(",".join(record).encode()) >= limits.max_header_bytes:
        raise TooLarge("the header is too long")
    if "\0" in record[-1]:
        empty = record == ["\0"] and not problem
        raise _invalid([Fault("file", "is empty") if empty else Fault("header", problem or "a quote is never closed")])
    names = tuple(_fitted([name.strip() for name in record], rows))
    if len(names) > limits.max_columns:
        raise TooLarge(f"the file has {len(names)} columns")
    if max(map(len, names)) > limits.max_cell_chars:
        raise TooLarge("a name is too long")
    if faults := [*_name_faults(names)]:
        raise _invalid(faults)
    return names


def _name_faults(names: tuple[str, ...]) -> Iterator[Fault]:
    if not any(names):
        yield Fault("header", "no column has a name")
    for name in dict.fromkeys(name for name in names if name and names.count(name) > 1):
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
    if rows and not [fault for fault in faults if fault.problem.startswith("has")]:
        yield _chunk(first_row, raw_names, rows)
    if faults:
        raise _invalid(faults)


def _check_size(row: int, record: list[str], limits: CsvLimits) -> None:
    if row > limits.max_rows:
        raise TooLarge(f"the file has more than {limits.max_rows} rows")
    if max(map(len, record)) > limits.max_cell_chars:
        raise TooLarge(f"row {row}: a cell is longer than {limits.max_cell_chars} characters")


def _chunk(first_row: int, raw_names: tuple[str, ...], rows: list[list[str]]) -> CsvChunk:
    unnamed = [position for position, name in enumerate(raw_names) if position and not name]
    found = sorted((row, position) for position in unnamed
                   for row in [next((row for row, record in enumerate(rows) if record[position].strip()), None)]
                   if row is not None)
    if found:
        raise _invalid([Fault(f"row {first_row + row}", f"has a value in column {position + 1}, which has no name")
                        for row, position in found])
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
