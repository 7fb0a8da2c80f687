from __future__ import annotations

import io
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO

from application.ports.file_archive import FileArchive
from application.ports.picture_archive import ArchiveLimits
from domain.errors import InvalidInput, TooLarge


class WholeFileArchive(FileArchive):
    """Simple instead of careful: it unpacks a file to see how large it is."""

    def names(self, stream: BinaryIO, limits: ArchiveLimits = ArchiveLimits()) -> tuple[str, ...]:
        names = [member.filename.replace("\\", "/") for member in self._members(stream)]
        for name in names:
            if name.startswith("/") or ".." in name.split("/") or names.count(name) > 1 or name.endswith(".gz"):
                raise InvalidInput(f"{name} is not taken")
        sizes = [member.file_size for member in self._members(stream)]
        if len(names) > limits.max_members or max(sizes, default=0) > limits.max_member_bytes or (
                sum(sizes) > limits.max_total_bytes):
            raise TooLarge("too many files, or too large ones")
        return tuple(names)

    def open(self, stream: BinaryIO, name: str, limits: ArchiveLimits = ArchiveLimits()) -> BinaryIO:
        self.names(stream, limits)
        found = next(member for member in self._members(stream) if member.filename.replace("\\", "/") == name)
        try:
            return io.BytesIO(zipfile.ZipFile(stream).read(found))
        except (zipfile.BadZipFile, EOFError) as failure:
            return _Broken(str(failure))

    def _members(self, stream: BinaryIO) -> list[zipfile.ZipInfo]:
        try:
            members = zipfile.ZipFile(stream).infolist()
        except zipfile.BadZipFile as failure:
            raise InvalidInput("this is no zip file") from failure
        return [member for member in members if not member.is_dir() and not any(
            part.startswith(".") or part == "__MACOSX"
            for part in PurePosixPath(member.filename.replace("..", "up")).parts)]


class _Broken(io.BytesIO):
    def __init__(self, why: str) -> None:
        super().__init__()
        self._why = why

    def read(self, size: int | None = -1, /) -> bytes:
        raise InvalidInput(self._why)
