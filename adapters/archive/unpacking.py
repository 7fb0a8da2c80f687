"""The files of an archive, taken out within limits."""
from __future__ import annotations

import io
import weakref
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.archive import outlines
from adapters.archive.contents import path_of
from adapters.archive.outlines import Outlined
from adapters.archive.pairing import name_of
from application.ports.picture_archive import ArchivedFile, ArchiveLimits
from application.serving.room import Take
from application.serving.wanted import go_on
from domain.errors import Fault, TooLarge

_PIECE_BYTES = 1 << 18


class DoesNotUnpack(Exception):
    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.name = name


@dataclass(slots=True)
class Unpacker:
    """Counts what comes out, as the sizes that a zip file states are only words. take: what each file has in memory,
    for as long as somebody has it; no more comes out of it than its size says."""

    archive: zipfile.ZipFile
    limits: ArchiveLimits
    take: Take
    unpacked_bytes: int = 0
    points: int = 0

    def file(self, member: zipfile.ZipInfo) -> ArchivedFile:
        give_back = self.take(min(member.file_size, self.limits.max_member_bytes))
        try:
            file = ArchivedFile(str(path_of(member)), self._unpacked(member))
        except BaseException:
            give_back()
            raise
        weakref.finalize(file, give_back).atexit = False
        return file

    def _unpacked(self, member: zipfile.ZipInfo) -> bytes:
        """Raises: DoesNotUnpack, TooLarge."""
        content, size = io.BytesIO(), 0
        try:
            with self.archive.open(member) as packed:
                while piece := packed.read(_PIECE_BYTES):
                    go_on()
                    size += len(piece)
                    self._count(name_of(member), size, len(piece))
                    content.write(piece)
        except TooLarge:
            raise
        except Exception as failure:  # zipfile and zlib raise many kinds
            raise DoesNotUnpack(
                name_of(member), f"does not unpack: {str(failure) or type(failure).__name__}") from failure
        return content.getvalue()

    def outlined(self, member: zipfile.ZipInfo) -> tuple[Sequence[Outlined], Sequence[Fault]]:
        """And what is wrong with them. None of a file of another kind, or of one that does not unpack. Raises:
        TooLarge."""
        if path_of(member).suffix.lower() != outlines.SUFFIX:
            return (), ()
        if member.file_size > outlines.MAX_BYTES:
            raise TooLarge(f"{name_of(member)} has {member.file_size:,} bytes; of a JSON file {outlines.MAX_BYTES:,} "
                           "are allowed")
        try:
            known = outlines.outlines_of(name_of(member), self.file(member).content)
        except DoesNotUnpack:
            return (), ()
        found, faults = known or ([], [])
        self.points += outlines.points_in(found)
        if self.points > outlines.MAX_POINTS:
            raise TooLarge(f"the outlines in the zip file have more than {outlines.MAX_POINTS:,} points")
        return found, faults

    def _count(self, name: str, size: int, more: int) -> None:
        self.unpacked_bytes += more
        if size > self.limits.max_member_bytes:
            raise TooLarge(f"{name} unpacks to more than {self.limits.max_member_bytes:,} bytes")
        if self.unpacked_bytes > self.limits.max_total_bytes:
            raise TooLarge(f"the zip file unpacks to more than {self.limits.max_total_bytes:,} bytes")
