"""Workbooks, written for tests."""
from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import openpyxl


def workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    """Sheets of these rows; a name that ends with _hidden is one that is."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if name.endswith("_hidden") else "visible"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def with_sheet(content: bytes, xml: str, shared: str = "") -> bytes:
    """The same workbook with other rows in its first sheet, as they stand in the file. shared: a text that they
    share."""
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            sheet = name == "xl/worksheets/sheet1.xml"
            new.writestr(name, f"{head}{xml}</sheetData></worksheet>" if sheet else old.read(name))
        if shared:
            new.writestr("xl/sharedStrings.xml", f"<sst><si><t>{shared}</t></si></sst>")
    return written.getvalue()
