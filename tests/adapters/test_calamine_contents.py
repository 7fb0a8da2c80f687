"""Workbooks that say less than they hold: a library that believes them ends the process."""
from __future__ import annotations

import io
import zipfile
import zlib

import pytest

from adapters.calamine.workbook_reader import CalamineWorkbookReader
from application.ports.workbook_reader import WorkbookLimits
from domain.errors import InvalidInput, TooLarge
from tests.workbooks import with_sheet, workbook

PLAIN = workbook(Sheet=[["a"], [1]])
CORNERS = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def read(content: bytes, limits: WorkbookLimits = WorkbookLimits()) -> list:
    return list(CalamineWorkbookReader().read(io.BytesIO(content), limits).rows)


@pytest.mark.parametrize("xml", [
    CORNERS, CORNERS.replace('"', "'"), CORNERS.replace(" r=", "\n  r = "), CORNERS.replace("XFD", "xfd"),
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">' + "<c><v>1</v></c>" * 100 + "</row>"])
def test_two_cells_far_apart(xml):
    with pytest.raises(TooLarge, match="save it as CSV"):
        read(with_sheet(PLAIN, xml))


@pytest.mark.parametrize("xml", ['<row r="x"></row>', '<c r="1A"/>', '<c r="AAAA1"/>', "<c", "&lol;"])
def test_what_is_no_sheet(xml):
    with pytest.raises(InvalidInput):
        read(with_sheet(PLAIN, xml))


def test_entities_are_refused():
    head = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>'
    content = with_sheet(PLAIN, "<row><c><v>1</v></c></row>")
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            new.writestr(name, (head if name == "xl/worksheets/sheet1.xml" else b"") + old.read(name))
    with pytest.raises(InvalidInput):
        read(written.getvalue())


def test_one_long_text_shared_by_many_cells():
    rows = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 51))
    content = with_sheet(PLAIN, rows, shared="x" * 10_000)
    assert read(content) == [["x" * 10_000]] * 50
    with pytest.raises(TooLarge, match="texts"):
        read(content, WorkbookLimits(max_text_bytes=400_000))


def test_a_part_that_is_larger_than_the_list_of_contents_says():
    content = bytearray(with_sheet(PLAIN, "<row r='1'><c r='A1'><v>1</v></c></row>" + " " * 5_000))
    entry = content.rindex(b"PK\1\2", 0, content.rindex(b"xl/worksheets/sheet1.xml"))
    honest = zipfile.ZipFile(io.BytesIO(bytes(content))).read("xl/worksheets/sheet1.xml")
    content[entry + 16:entry + 20] = zlib.crc32(honest[:500]).to_bytes(4, "little")
    content[entry + 24:entry + 28] = (500).to_bytes(4, "little")
    with pytest.raises(InvalidInput):
        read(bytes(content))
