from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from application.ports.workbook_reader import Sheet, WorkbookLimits, WorkbookReader
from domain.errors import InvalidInput, TooLarge


class OpenpyxlWorkbookReader(WorkbookReader):
    """Simple instead of fast."""

    def read(self, stream: BinaryIO, limits: WorkbookLimits = WorkbookLimits()) -> Sheet:
        stream.seek(0)
        content = stream.read()
        try:
            size = sum(member.file_size for member in zipfile.ZipFile(io.BytesIO(content)).infolist())
            sheets = openpyxl.load_workbook(io.BytesIO(content), data_only=True).worksheets
        except Exception as failure:
            raise InvalidInput("is no workbook") from failure
        filled = [sheet for sheet in sheets if sheet.sheet_state == "visible" and any(
            cell is not None for row in sheet.values for cell in row)]
        if not filled:
            raise InvalidInput("no sheet has data")
        if size > limits.max_bytes or any(sheet.max_row * sheet.max_column > limits.max_cells for sheet in sheets):
            raise TooLarge("the workbook is too large")
        written = openpyxl.load_workbook(io.BytesIO(content))[filled[0].title]
        return Sheet(filled[0].title, tuple(sheet.title for sheet in filled[1:]), _rows(filled[0], written))


def _rows(sheet: Worksheet, written: Worksheet) -> Iterator[Sequence[str]]:
    cells = list(sheet.iter_rows(sheet.min_row, sheet.max_row, sheet.min_column, sheet.max_column))
    for row in cells:
        for cell in row:
            if cell.data_type == "e" and cell.value != "#N/A":
                raise InvalidInput(f"sheet {sheet.title}, cell {cell.coordinate} holds the error {cell.value}")
            if cell.value is None and cell.data_type == "n" and written[cell.coordinate].data_type == "f":
                raise InvalidInput(f"sheet {sheet.title}, cell {cell.coordinate} holds a formula without its value")
    for row in cells:
        yield ["" if cell.data_type == "e" else _text(cell.value) for cell in row]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.isoformat() if value.time() != datetime.time() else value.date().isoformat()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
