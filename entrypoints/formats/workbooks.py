"""Workbooks (XLSX): the first sheet with data."""
from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace

from application.ports.csv_codec import CsvCodec, CsvLimits
from application.ports.workbook_reader import Sheet, WorkbookLimits, WorkbookReader
from entrypoints.formats.csv_files import read_csv
from entrypoints.formats.table_format import ReadTable, TableFormat, beside
from entrypoints.formats.unpacked import ZIP, Unpacked

_PIECE_ROWS = 1_000


class Workbooks(TableFormat):
    """Names, columns without one, and limits are those of a CSV, so the sheet is read as one."""

    def __init__(self, reader: WorkbookReader, limits: WorkbookLimits, codec: CsvCodec, csv_limits: CsvLimits) -> None:
        self._reader, self._limits, self._codec, self._csv_limits = reader, limits, codec, csv_limits

    def fits(self, start: bytes) -> bool:
        return start.startswith(ZIP)

    def read(self, file: Unpacked, charset: str | None) -> ReadTable:
        with file.seekable() as whole:
            sheet = self._reader.read(whole, self._limits)
        table = read_csv(self._codec, self._csv_limits, _SheetText(sheet))
        left_out = [*table.facts.left_out, *(f"sheet {name}" for name in sheet.others), *beside(file.left_out)]
        return replace(table, facts=replace(
            table.facts, format="xlsx", separator=None, packed=file.packed, sheet=sheet.name, left_out=left_out))


class _SheetText:
    """A sheet as CSV, written while it is read, without the blank rows above and below what is in it: one between two
    others is a row, as in a CSV, or answers would stand beside the wrong rows."""

    def __init__(self, sheet: Sheet) -> None:
        self._rows, self._ready = iter(sheet.rows), b""
        self._wanted = self._filled()

    def read(self, size: int, /) -> bytes:
        while len(self._ready) < size and (piece := self._piece()):
            self._ready += piece
        taken, self._ready = self._ready[:size], self._ready[size:]
        return taken

    def _piece(self) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for count, row in enumerate(self._wanted, 1):
            writer.writerow(row)
            if count == _PIECE_ROWS:
                break
        return text.getvalue().replace("\0", "").encode(errors="replace")

    def _filled(self) -> Iterator[Sequence[str]]:
        blank: list[Sequence[str]] = []
        begun = False
        for row in self._rows:
            if any(map(str.strip, row)):
                yield from blank
                yield row
                blank, begun = [], True
            elif begun:
                blank.append(row)
