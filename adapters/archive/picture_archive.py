"""Zip files from anybody, read by the standard library with every claim checked."""
from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from adapters.archive import legends
from adapters.archive.contents import open_zip, path_of
from adapters.archive.pairing import Parted, name_of, parted, refuse
from adapters.archive.unpacking import DoesNotUnpack, Unpacker
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
from application.serving.room import Take, nothing
from domain.errors import Fault
from domain.legend import Legend

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_EPOCH = (1980, 1, 1, 0, 0, 0)


class ZipPictureArchive(PictureArchive):
    """take: what each file has in memory."""

    def __init__(self, take: Take = nothing) -> None:
        self._take = take

    def read(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> Iterator[Archived]:
        archive, members = open_zip(stream, limits)
        unpacker = Unpacker(archive, limits, self._take)
        found = parted(members, labelled, unpacker.outlined)
        legend = _legend(found, unpacker) if labelled else None
        for key in sorted(found.pictures | found.videos):
            try:
                yield _unpacked(found, key, unpacker, labelled, legend)
            except DoesNotUnpack as failure:
                yield BrokenFile(failure.name, str(failure))

    def passed_over(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()) -> list[str]:
        archive, members = open_zip(stream, limits)
        unpacker = Unpacker(archive, limits, self._take)
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


def _legend(found: Parted, unpacker: Unpacker) -> Legend | None:
    """Of all masks. Raises: InvalidInput if there are several."""
    known = [legend for member in found.beside if (legend := _read_legend(member, unpacker))]
    refuse([Fault(legend.file, f"is a table of colours beside {known[0].file}; leave one of them")
            for legend in known[1:]])
    return known[0] if known else None


def _read_legend(member: zipfile.ZipInfo, unpacker: Unpacker) -> Legend | None:
    if path_of(member).name.lower() not in legends.FILES or member.file_size > legends.MAX_BYTES:
        return None
    try:
        return legends.legend_of(name_of(member), unpacker.file(member).content)
    except DoesNotUnpack:
        return None


def _unpacked(found: Parted, key: PurePosixPath, unpacker: Unpacker, labelled: bool, legend: Legend | None
              ) -> Archived:
    """Raises: DoesNotUnpack, TooLarge."""
    if key in found.videos:
        frames = sorted(found.frames.get(key, {}).items())
        return ArchivedVideo(unpacker.file(found.videos[key]),
                             {number: unpacker.file(mask) for number, mask in frames})
    if key in found.outlines:
        return ArchivedOutlines(unpacker.file(found.pictures[key]), found.outlines[key])
    return ArchivedPicture(unpacker.file(found.pictures[key]), unpacker.file(found.masks[key]) if labelled else None,
                           legend)


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
