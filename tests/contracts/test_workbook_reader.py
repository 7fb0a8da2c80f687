from __future__ import annotations

import io
from datetime import date, datetime

import pytest

from adapters.calamine.workbook_reader import CalamineWorkbookReader
from application.ports.workbook_reader import WorkbookLimits
from domain.errors import InvalidInput, TooLarge
from tests.fakes.workbook_reader import OpenpyxlWorkbookReader
from tests.workbooks import with_sheet, workbook


@pytest.fixture(params=[OpenpyxlWorkbookReader(), CalamineWorkbookReader()], ids=lambda each: type(each).__name__)
def reader(request):
    return request.param


def rows(reader, content: bytes, limits: WorkbookLimits = WorkbookLimits()) -> list[list[str]]:
    return list(map(list, reader.read(io.BytesIO(content), limits).rows))


def test_each_kind_of_cell_is_its_text(reader):
    content = workbook(Sheet=[
        ["whole", "number", "text", "код", "flag", "day", "moment", "none"],
        [101, 0.1, "x, \"y\"\nz", "00501", True, date(2024, 1, 5), datetime(2024, 1, 5, 10, 30), None],
        [-3.0, 1e-7, " s ", "é", False, date(1999, 12, 31), datetime(2024, 1, 5, 0, 0, 1), None]])
    assert rows(reader, content) == [
        ["whole", "number", "text", "код", "flag", "day", "moment", "none"],
        ["101", "0.1", 'x, "y"\nz', "00501", "True", "2024-01-05", "2024-01-05T10:30:00", ""],
        ["-3", "1e-07", " s ", "é", "False", "1999-12-31", "2024-01-05T00:00:01", ""]]


def test_the_first_sheet_with_data_that_is_shown(reader):
    sheet = reader.read(io.BytesIO(workbook(Empty=[], old_hidden=[["x"]], Rows=[["a"], [1]], More=[["b"]])))
    assert (sheet.name, sheet.others, list(map(list, sheet.rows))) == ("Rows", ("More",), [["a"], ["1"]])


def test_an_empty_row_between_others_stays(reader):
    assert rows(reader, workbook(Sheet=[["a", "b"], [None, None], [1, None]])) == [["a", "b"], ["", ""], ["1", ""]]


@pytest.mark.parametrize("content", [
    b"", b"a,b\n", b"PK\3\4", workbook(Sheet=[["a"], [1]])[:-300], workbook(Sheet=[]),
    workbook(s_hidden=[["a"]], b=[])])
def test_what_is_no_workbook_with_data(reader, content):
    with pytest.raises(InvalidInput):
        rows(reader, content)


def test_an_error_is_named(reader):
    cell = '<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="e"><v>{}</v></c></row>'
    content = workbook(Sheet=[["a"]])
    with pytest.raises(InvalidInput, match="B1.*#DIV/0!"):
        rows(reader, with_sheet(content, cell.format("#DIV/0!")))
    assert rows(reader, with_sheet(content, cell.format("#N/A"))) == [["1", ""]]


def test_a_formula_that_nobody_has_computed_is_no_blank(reader):
    with pytest.raises(InvalidInput, match="B2 holds a formula without its value"):
        rows(reader, workbook(Sheet=[["a", "b"], [1, "=A2*2"]]))


def test_a_formula_is_its_value(reader):
    content = with_sheet(workbook(Sheet=[["a"]]), '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>')
    assert rows(reader, content) == [["2"]]


def test_limits(reader):
    content = workbook(Sheet=[["a", "b"]] * 10)
    assert len(rows(reader, content, WorkbookLimits(max_cells=20))) == 10
    for limits in (WorkbookLimits(max_cells=19), WorkbookLimits(max_bytes=1_000)):
        with pytest.raises(TooLarge):
            rows(reader, content, limits)
