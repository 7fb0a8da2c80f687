"""The one table in a file, whatever it was packed into."""
from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from application.ports.csv_codec import Readable
from application.ports.file_archive import FileArchive
from application.ports.picture_archive import ArchiveLimits
from domain.errors import Fault, InvalidInput
from entrypoints.formats.packing import Inflated, packing_of

ZIP = b"PK\3\4"
TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".xlsx", ".ndjson", ".jsonl", ".parquet", ".arrow", ".feather"})
_MAX_LAYERS = 3
_SHOWN_NAMES = 10
_SPOOL_BYTES = 8 << 20
_START_BYTES = 4


@dataclass(frozen=True, slots=True)
class Unpacked:
    """open: gives what is in the file, from its start each time. packed: how, from the outside in. left_out: names of
    what lay beside it. file: itself, where it was not packed."""

    open: Callable[[], Readable]
    file: BinaryIO | None = None
    packed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = field(default=())

    @contextmanager
    def seekable(self) -> Iterator[BinaryIO]:
        """The whole of it, for formats that are not read from their start to their end."""
        if self.file is not None:
            self.file.seek(0)
            yield self.file
            return
        # Of files of bytes the standard library has two types.
        with cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES)) as whole:
            shutil.copyfileobj(cast(BinaryIO, self.open()), whole)
            whole.seek(0)
            yield whole


class Unpacker:
    """max_bytes: of what comes out, however often a file is packed."""

    def __init__(self, archive: FileArchive, archive_limits: ArchiveLimits, max_bytes: int) -> None:
        self._archive, self._max_bytes = archive, max_bytes
        self._limits = replace(archive_limits, max_member_bytes=max_bytes, max_total_bytes=max_bytes)

    def unpacked(self, file: BinaryIO) -> Unpacked:
        """Raises: InvalidInput, TooLarge, here or while it is read."""
        found = Unpacked(partial(_from_start, file), file)
        for _ in range(_MAX_LAYERS):
            start = found.open().read(_START_BYTES)
            if (packing := packing_of(start)) is not None:
                found = self._inflated(found, packing)
            elif start == ZIP and not self._is_workbook(found):
                found = self._member(found)
            else:
                return found
        raise _refused("is packed again and again: unpack it")

    def names(self, file: BinaryIO) -> tuple[str, ...]:
        """Of what is in a zip. Raises: InvalidInput, TooLarge."""
        try:
            return self._archive.names(file, self._limits)
        except InvalidInput as failure:
            raise failure if failure.faults else InvalidInput(
                failure.detail, [Fault("file", failure.detail)]) from failure

    def start(self, file: BinaryIO, name: str, size: int) -> bytes:
        """Of a file in a zip. Raises: InvalidInput, TooLarge."""
        with self._archive.open(file, name, self._limits) as member:
            return member.read(size)

    def _inflated(self, outer: Unpacked, packing: str) -> Unpacked:
        return Unpacked(lambda: Inflated(outer.open(), packing, self._max_bytes), None, (*outer.packed, packing),
                        outer.left_out)

    def _is_workbook(self, found: Unpacked) -> bool:
        with found.seekable() as file:
            return is_workbook(self.names(file))

    def _member(self, outer: Unpacked) -> Unpacked:
        if outer.file is None:
            raise _refused(f"is a zip in a {outer.packed[-1]}: unpack one of them")
        file, names = outer.file, self.names(outer.file)
        name = table_among(names)
        return Unpacked(lambda: self._archive.open(file, name, self._limits), None, (*outer.packed, "zip"),
                        tuple(other for other in names if other != name))


def is_workbook(names: Sequence[str]) -> bool:
    """What is in a zip of some programs, of which one is read. Raises: InvalidInput for those that are not."""
    lower = {name.lower() for name in names}
    if "xl/workbook.bin" in lower:
        raise _refused("is a binary workbook (.xlsb): save it as XLSX")
    if {"mimetype", "content.xml"} <= lower:
        raise _refused("is an OpenDocument file: save the sheet as XLSX or CSV")
    if "word/document.xml" in lower:
        raise _refused("is a Word document: save the table as XLSX or CSV")
    return "xl/workbook.xml" in lower


def table_among(names: Sequence[str]) -> str:
    """The file in a zip that is meant. Raises: InvalidInput for several, or none."""
    tables = [name for name in names if PurePosixPath(name).suffix.lower() in TABLE_SUFFIXES] or list(names)
    if len(tables) == 1:
        return tables[0]
    shown = ", ".join(tables[:_SHOWN_NAMES]) + (", ..." if len(tables) > _SHOWN_NAMES else "")
    raise _refused(f"is a zip of {len(tables)} files ({shown}): send one table at a time" if tables else
                   "is a zip without a table in it")


def _from_start(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file


def _refused(problem: str) -> InvalidInput:
    return InvalidInput(f"the file {problem}", [Fault("file", problem)])
