"""NDJSON: one JSON object a line, each a row with typed cells."""
from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping

from application.ports.csv_codec import CsvLimits, Readable
from domain.cells import MAX_FAULTS, describe, in_words
from domain.errors import Fault, InvalidInput, TooLarge
from domain.rows import ValueRows
from entrypoints.formats.charsets import charset_of
from entrypoints.formats.csv_files import utf8
from entrypoints.formats.json_rows import NOT_WRITTEN, decode
from entrypoints.formats.table_format import FileFacts, ReadTable, TableFormat, beside
from entrypoints.formats.unpacked import Unpacked

_OBJECT = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*["}]')
_CHUNK_ROWS = 4_096
_PIECE_BYTES = 1 << 18
Row = Mapping[str, object]


class JsonLines(TableFormat):
    def __init__(self, limits: CsvLimits) -> None:
        self._limits = limits

    def fits(self, start: bytes) -> bool:
        return _OBJECT.match(start) is not None

    def read(self, file: Unpacked, charset: str | None) -> ReadTable:
        charset = charset_of(file.open(), charset)
        rows = _Rows(utf8(file.open(), charset), self._limits)
        facts = FileFacts("ndjson", charset=charset, packed=file.packed, left_out=beside(file.left_out))
        return ReadTable(rows.names, rows.chunks(), facts)


class _Rows:
    """The first row tells the columns; in every other each of them stands, null where it has no value."""

    def __init__(self, stream: Readable, limits: CsvLimits) -> None:
        """Raises: InvalidInput, TooLarge."""
        self._limits, self._faults = limits, list[Fault]()
        self._rows = enumerate(_lines(stream, limits.max_row_bytes), 1)
        self._first = self._next()
        self.names = list(self._first or ())
        if self._faults:
            raise InvalidInput(in_words(self._faults), self._faults)
        if len(self.names) > limits.max_columns:
            raise TooLarge(f"a row has {len(self.names)} columns; at most {limits.max_columns} are read")

    def chunks(self) -> Iterator[ValueRows]:
        """Raises: InvalidInput naming the first 100 faulty rows, at the end, TooLarge."""
        first_row, rows = 1, [] if self._first is None else [self._first]
        while rows:
            while len(rows) < _CHUNK_ROWS and (row := self._next()) is not None:
                rows.append(row)
            if first_row + len(rows) - 1 > self._limits.max_rows:
                raise TooLarge(f"the file has more than {self._limits.max_rows} rows")
            if not self._faults:
                yield ValueRows({name: [row[name] for row in rows] for name in self.names}, first_row)
            first_row, rows = first_row + len(rows), []
            if (row := self._next()) is not None:
                rows = [row]
        if self._faults:
            raise InvalidInput(in_words(self._faults), self._faults[:MAX_FAULTS])

    def _next(self) -> Row | None:
        """The next row without a fault."""
        for number, line in self._rows:
            if len(self._faults) >= MAX_FAULTS:
                return None
            try:
                row = decode(line)
            except InvalidInput as failure:
                self._faults.append(Fault(f"row {number}", failure.detail.replace("the body", "the line"), row=number))
                continue
            if found := list(self._wrong(number, row)):
                self._faults += found
            else:
                assert isinstance(row, dict)
                return row
        return None

    def _wrong(self, number: int, row: object) -> Iterator[Fault]:
        if not isinstance(row, dict):
            yield Fault(f"row {number}", f"expected a JSON object a line, got {describe(row)}", row=number)
        elif hasattr(self, "names") and (len(row) != len(self.names) or any(name not in row for name in self.names)):
            found = dict.fromkeys((name for name in self.names if name not in row), NOT_WRITTEN)
            found |= dict.fromkeys((name for name in row if name not in self.names), "is not in the first row")
            for name, problem in found.items():
                yield Fault(f"row {number}, column {name}", problem, row=number)
        elif any(isinstance(value, str) and len(value) > self._limits.max_cell_chars for value in row.values()):
            raise TooLarge(f"row {number}: a text is longer than {self._limits.max_cell_chars} characters")


def _lines(stream: Readable, max_bytes: int) -> Iterator[bytes]:
    """Those that are not blank. Raises: TooLarge."""
    rest = stream.read(_PIECE_BYTES).removeprefix(codecs.BOM_UTF8)
    while piece := stream.read(_PIECE_BYTES):
        whole = (rest + piece).split(b"\n")
        rest = whole.pop()
        yield from filter(bytes.strip, whole)
        if len(rest) > max_bytes:
            raise TooLarge(f"a line is longer than {max_bytes} bytes; NDJSON has one object a line")
    yield from filter(bytes.strip, rest.split(b"\n"))
