from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from adapters.calamine.contents import NO_WORKBOOK, UNCOMPUTED, Contents, SheetFacts, invalid
from application.ports.workbook_reader import Sheet, WorkbookLimits, WorkbookReader
from domain.cells import text_of
from domain.errors import Fault, InvalidInput, TooLarge

_ZIP = b"PK\3\4"


class CalamineWorkbookReader(WorkbookReader):
    def read(self, stream: BinaryIO, limits: WorkbookLimits = WorkbookLimits()) -> Sheet:
        stream.seek(0)
        if stream.read(len(_ZIP)) != _ZIP:
            raise invalid("is no XLSX workbook; an older one, or one with a password, has to be saved as XLSX without")
        contents = Contents(stream, limits)
        contents.check()
        paths, longest = contents.paths(), contents.longest_shared_text()
        facts = {name: contents.sheet(path) for name, path in paths.items()
                 if path.lower().startswith("xl/worksheets/")}
        for name, found in facts.items():
            _check_size(name, found, longest, limits)
        return _sheet(stream, facts)


def _check_size(name: str, found: SheetFacts, longest: int, limits: WorkbookLimits) -> None:
    if found.rows * found.columns > limits.max_cells:
        raise TooLarge(f"the sheet {name} reaches over {found.rows:,} rows and {found.columns:,} columns; "
                       f"{limits.max_cells:,} cells are allowed: save it as CSV")
    if found.shared * longest > limits.max_text_bytes:
        raise TooLarge(f"the texts of the sheet {name} may take more than {limits.max_text_bytes:,} bytes: save it as "
                       "CSV")


def _sheet(stream: BinaryIO, facts: dict[str, SheetFacts]) -> Sheet:
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum
    stream.seek(0)
    try:
        with CalamineWorkbook.from_filelike(stream) as workbook:
            shown = [sheet.name for sheet in workbook.sheets_metadata
                     if sheet.visible == SheetVisibleEnum.Visible and sheet.name in facts]
            filled = [name for name in shown if facts[name].cells and workbook.get_sheet_by_name(name).height]
            if not filled:
                raise invalid("has no sheet with data")
            rows = workbook.get_sheet_by_name(filled[0]).iter_rows()
    except (CalamineError, OSError, ValueError) as failure:
        raise invalid(NO_WORKBOOK) from failure
    return Sheet(filled[0], tuple(filled[1:]), _texts(rows, filled[0], facts[filled[0]]))


def _texts(rows: Iterator[Sequence[object]], name: str, facts: SheetFacts) -> Iterator[Sequence[str]]:
    if facts.error:
        (at, error) = facts.error
        where = f"sheet {name}, cell {at}"
        problem = f"holds {error}" if error == UNCOMPUTED else f"holds the error {error}"
        raise InvalidInput(f"{where} {problem}", [Fault(where, problem)])
    for row in rows:
        yield [_text(cell) for cell in row]


def _text(cell: object) -> str:
    if isinstance(cell, datetime.timedelta):
        return str(cell)
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, (datetime.date, datetime.time)) else str(text_of(cell))
