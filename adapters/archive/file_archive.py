from __future__ import annotations

import io
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from adapters.archive.contents import open_zip, path_of, shown
from application.ports.file_archive import FileArchive
from application.ports.picture_archive import ArchiveLimits
from domain.errors import Fault, InvalidInput

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class ZipFileArchive(FileArchive):
    def names(self, stream: BinaryIO, limits: ArchiveLimits = ArchiveLimits()) -> tuple[str, ...]:
        return tuple(str(path_of(member)) for member in open_zip(stream, limits)[1])

    def open(self, stream: BinaryIO, name: str, limits: ArchiveLimits = ArchiveLimits()) -> BinaryIO:
        archive, members = open_zip(stream, limits)
        member = next(member for member in members if str(path_of(member)) == name)
        try:
            file = archive.open(member)
        except (zipfile.BadZipFile, OSError, ValueError) as failure:
            raise _broken(name) from failure
        # A raw file reads as one that is not, apart from what nobody calls here.
        return cast(BinaryIO, _Member(file, name))


class _Member(io.RawIOBase):
    def __init__(self, file: IO[bytes], name: str) -> None:
        super().__init__()
        self._file, self._name = file, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            piece = self._file.read(len(view))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as failure:
            raise _broken(self._name) from failure
        view[:len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()


def _broken(name: str) -> InvalidInput:
    problem = "does not unpack: the zip file is damaged here"
    return InvalidInput(f"{shown(name)} {problem}", [Fault(shown(name), problem)])
