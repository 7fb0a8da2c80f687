"""What is in an XLSX file, looked at before a library that holds a whole sheet in memory is given it.

A sheet of two cells in its corners would take hundreds of gigabytes there, and end the process.
"""
from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

from application.ports.workbook_reader import WorkbookLimits
from domain.errors import Fault, InvalidInput, TooLarge

NO_WORKBOOK = "is no XLSX workbook, or a damaged one"
_PIECE_BYTES = 1 << 16
_MAX_PARTS = 10_000
_LOCAL_HEADER_BYTES = 30
_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
# Excel has it where a value could not be looked up, and so has every CSV that it writes.
_NOT_AVAILABLE = "#N/A"
# A program that writes formulas leaves it to a spreadsheet to compute them; until then there is nothing to read.
UNCOMPUTED = "a formula without its value: open and save the file in a spreadsheet"


def invalid(problem: str) -> InvalidInput:
    return InvalidInput(f"the file {problem}", [Fault("file", problem)])


@dataclass(slots=True)
class SheetFacts:
    """rows, columns: as far as its cells reach. shared: cells that hold one of the workbook's shared texts. error: the
    first cell that holds one, and which; `UNCOMPUTED` is one too."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    shared: int = 0
    error: tuple[str, str] | None = None


@dataclass(slots=True)
class _Cell:
    """The one that is being read. part: the element of it; in_row: its number there, from 1."""

    at: str = ""
    type: str = ""
    text: str = ""
    part: str = ""
    is_formula: bool = False
    in_row: int = 0

    def begin(self, attributes: Mapping[str, str]) -> None:
        self.at, self.type = attributes.get("r", ""), attributes.get("t", "")
        self.text, self.is_formula, self.in_row = "", False, self.in_row + 1

    @property
    def error(self) -> str | None:
        """A formula of a text may well give an empty one; any other has a value once it was computed."""
        if self.type == "e" and self.text.strip() != _NOT_AVAILABLE:
            return self.text.strip()
        return UNCOMPUTED if self.is_formula and self.type != "str" and not self.text.strip() else None


class Contents:
    """The parts of a workbook, each unpacked while it is looked at."""

    def __init__(self, stream: BinaryIO, limits: WorkbookLimits) -> None:
        """Raises: InvalidInput, TooLarge."""
        self._stream, self._left_bytes = stream, limits.max_bytes
        try:
            members = zipfile.ZipFile(stream).infolist()
        except Exception as failure:  # zipfile raises a dozen kinds on a broken list of contents
            raise invalid(NO_WORKBOOK) from failure
        self._members: Mapping[str, zipfile.ZipInfo] = {member.filename.lower(): member for member in members}
        if len(members) > _MAX_PARTS or sum(member.file_size for member in members) > limits.max_bytes:
            raise TooLarge(f"the workbook unpacks to more than {limits.max_bytes:,} bytes: save the sheet as CSV")
        if len(self._members) < len(members):
            raise invalid(NO_WORKBOOK)

    def check(self) -> None:
        """Every part is as large as it says. Raises: InvalidInput."""
        for member in self._members.values():
            for _ in self._pieces(member):
                pass

    def paths(self) -> Mapping[str, str]:
        """Name of each sheet -> its part."""
        found: dict[str, str] = {}
        targets: dict[str, str] = {}

        def related(name: str, attributes: Mapping[str, str]) -> None:
            if name == "Relationship":
                target = attributes.get("Target", "")
                targets[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"

        def listed(name: str, attributes: Mapping[str, str]) -> None:
            if name == "sheet":
                key = next((value for known, value in attributes.items() if known.endswith(":id")), "")
                found[attributes.get("name", "")] = targets.get(key, "")

        self._parse("xl/_rels/workbook.xml.rels", related)
        self._parse("xl/workbook.xml", listed)
        return found

    def longest_shared_text(self) -> int:
        """In bytes."""
        longest, length = 0, 0

        def begin(name: str, _: Mapping[str, str]) -> None:
            nonlocal length
            length = 0 if name == "si" else length

        def text(piece: str) -> None:
            nonlocal length, longest
            length += len(piece.encode(errors="replace"))
            longest = max(longest, length)

        if "xl/sharedstrings.xml" in self._members:
            self._parse("xl/sharedstrings.xml", begin, text)
        return longest

    def sheet(self, path: str) -> SheetFacts:
        facts, cell = SheetFacts(), _Cell()

        def begin(name: str, attributes: Mapping[str, str]) -> None:
            if name == "row":
                facts.rows, cell.in_row = max(facts.rows + 1, int(attributes.get("r", 0))), 0
            elif name == "c":
                cell.begin(attributes)
                facts.cells, facts.shared = facts.cells + 1, facts.shared + (cell.type == "s")
                column, row = _place(cell.at)
                facts.rows, facts.columns = max(facts.rows, row), max(facts.columns, column, cell.in_row)
            cell.part = name

        def text(piece: str) -> None:
            if cell.part == "v" and not facts.error:
                cell.text += piece

        def end(name: str) -> None:
            cell.is_formula = cell.is_formula or name == "f"
            if name == "c" and not facts.error and (error := cell.error):
                facts.error = (cell.at or "?", error)
            cell.part = ""

        self._parse(path, begin, text, end)
        return facts

    def _parse(self, path: str, begin: Callable[[str, Mapping[str, str]], None],
               text: Callable[[str], None] | None = None, end: Callable[[str], None] | None = None) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda name, attributes: begin(name.rpartition(":")[2], attributes)
        parser.CharacterDataHandler = text
        parser.EndElementHandler = None if end is None else lambda name: end(name.rpartition(":")[2])
        parser.EntityDeclHandler = _refuse_entities
        try:
            for piece in self._pieces(self._members[path.lower()]):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except (KeyError, ValueError, expat.ExpatError) as failure:
            raise invalid(NO_WORKBOOK) from failure

    def _pieces(self, member: zipfile.ZipInfo) -> Iterator[bytes]:
        """Unpacked here and not by zipfile, which stops where the list of contents says and not where the part ends."""
        self._stream.seek(member.header_offset)
        header = self._stream.read(_LOCAL_HEADER_BYTES)
        if len(header) < _LOCAL_HEADER_BYTES or member.flag_bits & 1:
            raise invalid(NO_WORKBOOK)
        self._stream.seek(member.header_offset + _LOCAL_HEADER_BYTES + sum(struct.unpack_from("<HH", header, 26)))
        size = 0
        for piece in _inflated(self._stream, member):
            size += len(piece)
            if size > member.file_size:
                raise invalid(NO_WORKBOOK)
            yield piece
        if size != member.file_size:
            raise invalid(NO_WORKBOOK)


def _inflated(stream: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    left, unpack = member.compress_size, zlib.decompressobj(-zlib.MAX_WBITS)
    while left and (read := stream.read(min(left, _PIECE_BYTES))):
        left -= len(read)
        if member.compress_type == zipfile.ZIP_STORED:
            yield read
            continue
        while read:
            try:
                yield unpack.decompress(read, _PIECE_BYTES)
            except zlib.error as failure:
                raise invalid(NO_WORKBOOK) from failure
            read = unpack.unconsumed_tail
    if member.compress_type != zipfile.ZIP_STORED:
        yield from iter(lambda: unpack.decompress(b"", _PIECE_BYTES), b"")


def _refuse_entities(*_: object) -> None:
    raise ValueError("no workbook declares entities")


def _place(reference: str) -> tuple[int, int]:
    """B7 -> (2, 7); zeros where a cell does not say where it stands. Raises: ValueError."""
    if not reference:
        return 0, 0
    if not (found := _REFERENCE.fullmatch(reference)):
        raise ValueError(reference)
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column, int(found[2])
