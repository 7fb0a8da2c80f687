"""A file with a table, told apart by its content."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import BinaryIO

from application.serving.wanted import while_wanted
from domain.errors import Fault, InvalidInput
from entrypoints.formats.charsets import charset_of
from entrypoints.formats.csv_files import utf8
from entrypoints.formats.table_format import ReadTable, TableFormat
from entrypoints.formats.unpacked import Unpacked, Unpacker

_START_BYTES = 4_096
# What begins like this is known and not read; formats that are stand in the list that the reader is given.
_NOT_READ: Mapping[bytes, str] = MappingProxyType({
    b"\xd0\xcf\x11\xe0": "an old Excel file, or one with a password: save it as XLSX without",
    b"%PDF": "a PDF: save the table as CSV or XLSX", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture", b"BZh": "bzip2: unpack it, or use gzip",
    b"Rar!": "a RAR archive: use zip or gzip",
    b"7z\xbc\xaf": "a 7z archive: use zip or gzip", b"\xfd7zXZ": "xz: unpack it or use gzip, zstd or zip",
    b"SQLite format 3": "a database of SQLite: save the table as CSV",
    b"[{": "a JSON array: send NDJSON, one object a line",
})


class TableReader:
    def __init__(self, unpacker: Unpacker, formats: Sequence[TableFormat]) -> None:
        """formats: the first that fits is the one; the last fits whatever comes."""
        self._unpacker, self._formats = unpacker, formats

    def read(self, file: BinaryIO, charset: str | None = None) -> ReadTable:
        """charset: what was said of it. Raises: InvalidInput, TooLarge, here and while the rows are taken."""
        unpacked = self._unpacker.unpacked(file)
        start = unpacked.open().read(_START_BYTES)
        _refuse_what_is_not_read(start)
        text = _start_as_utf8(unpacked, start, charset)
        table = next(each for each in self._formats if each.fits(text)).read(unpacked, charset)
        return replace(table, chunks=while_wanted(table.chunks))


def _refuse_what_is_not_read(start: bytes) -> None:
    if what := next((what for magic, what in _NOT_READ.items() if start.lstrip().startswith(magic)), None):
        raise InvalidInput(f"the file is {what}", [Fault("file", f"is {what}")])


def _start_as_utf8(unpacked: Unpacked, start: bytes, charset: str | None) -> bytes:
    """A text of two bytes a letter tells what it is only as one of another charset."""
    if b"\0" not in start or not start.startswith((b"\xff\xfe", b"\xfe\xff")) and not charset:
        return start
    found = charset_of(unpacked.open(), charset)
    return utf8(unpacked.open(), found).read(_START_BYTES)
