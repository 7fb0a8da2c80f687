"""Zip files from anybody, read by the standard library with every claim checked."""
from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from adapters.archive import legends, outlines
from adapters.archive.contents import open_zip, path_of
from adapters.archive.outlines import Outlined
from adapters.archive.pairing import Parted, name_of, parted, refuse
from application.ports.picture_archive import (
    Archived,
    ArchivedFile,
    ArchivedOutlines,
    ArchivedPicture,
    ArchivedVideo,
    ArchiveLimits,
    BrokenFile,
    PictureArchive,
)
from domain.errors import Fault, TooLarge
from domain.legend import Legend

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_PIECE_BYTES = 1 << 18
_EPOCH = (1980, 1, 1, 0, 0, 0)


class ZipPictureArchive(PictureArchive):
    def read(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> Iterator[Archived]:
        archive, members = open_zip(stream, limits)
        unpacker = _Unpacker(archive, limits)
        found = parted(members, labelled, unpacker.outlined)
        legend = _legend(found, unpacker) if labelled else None
        for key in sorted(found.pictures | found.videos):
            try:
                yield _unpacked(found, key, unpacker, labelled, legend)
            except _DoesNotUnpack as failure:
                yield BrokenFile(failure.name, str(failure))

    def passed_over(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> list[str]:
        archive, members = open_zip(stream, limits)
        unpacker = _Unpacker(archive, limits)
        found = parted(members, labelled, unpacker.outlined)
        legend = _legend(found, unpacker) if labelled else None
        left_out = [*found.beside, *(() if labelled else found.masks.values())]
        return sorted(name for name in map(name_of, left_out) if legend is None or name != legend.file)

    def write(self, files: Iterator[ArchivedFile]) -> Iterator[bytes]:
        gathered = _Gathered()
        with zipfile.ZipFile(gathered, "w", zipfile.ZIP_STORED) as archive:
            for file in files:
                archive.writestr(zipfile.ZipInfo(file.name, _EPOCH), file.content)
                yield gathered.take()
        yield gathered.take()


def _legend(found: Parted, unpacker: _Unpacker) -> Legend | None:
    """Of all masks. Raises: InvalidInput if there are several."""
    known = [legend for member in found.beside if (legend := _read_legend(member, unpacker))]
    refuse([Fault(legend.file, f"is a table of colours beside {known[0].file}; leave one of them")
            for legend in known[1:]])
    return known[0] if known else None


def _read_legend(member: zipfile.ZipInfo, unpacker: _Unpacker) -> Legend | None:
    if path_of(member).name.lower() not in legends.FILES or member.file_size > legends.MAX_BYTES:
        return None
    try:
        return legends.legend_of(name_of(member), unpacker.file(member).content)
    except _DoesNotUnpack:
        return None


def _unpacked(found: Parted, key: PurePosixPath, unpacker: _Unpacker, labelled: bool, legend: Legend | None
              ) -> Archived:
    """Raises: _DoesNotUnpack, TooLarge."""
    if key in found.videos:
        frames = sorted(found.frames.get(key, {}).items())
        return ArchivedVideo(unpacker.file(found.videos[key]),
                             {number: unpacker.file(mask) for number, mask in frames})
    if key in found.outlines:
        return ArchivedOutlines(unpacker.file(found.pictures[key]), found.outlines[key])
    return ArchivedPicture(unpacker.file(found.pictures[key]), unpacker.file(found.masks[key]) if labelled else None,
                           legend)


class _DoesNotUnpack(Exception):
    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.name = name


@dataclass(slots=True)
class _Unpacker:
    """Counts what comes out, as the sizes that a zip file states are only words."""

    archive: zipfile.ZipFile
    limits: ArchiveLimits
    unpacked_bytes: int = 0
    points: int = 0

    def file(self, member: zipfile.ZipInfo) -> ArchivedFile:
        pieces, size = [], 0
        try:
            with self.archive.open(member) as packed:
                while piece := packed.read(_PIECE_BYTES):
                    size += len(piece)
                    self._count(name_of(member), size, len(piece))
                    pieces.append(piece)
        except TooLarge:
            raise
        except Exception as failure:  # zipfile and zlib raise many kinds
            raise _DoesNotUnpack(
                name_of(member), f"does not unpack: {str(failure) or type(failure).__name__}") from failure
        return ArchivedFile(str(path_of(member)), b"".join(pieces))

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
        except _DoesNotUnpack:
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


class _Gathered(io.RawIOBase):
    """A file that cannot be sought, whose bytes are taken away as they come."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: ReadableBuffer) -> int:
        self._pieces.append(bytes(piece))
        return len(self._pieces[-1])

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
