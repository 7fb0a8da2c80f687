"""Many pictures in one file, with or without their masks."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Of what comes out of an archive, counted while it is unpacked."""

    max_members: int = 5_000
    max_member_bytes: int = 256 << 20
    max_total_bytes: int = 4 << 30


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """name: the whole path in the archive, with / between parts."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ArchivedPicture:
    """mask: None where no masks were asked for."""

    picture: ArchivedFile
    mask: ArchivedFile | None


class PictureArchive(Protocol):
    """Thread-safe: yes; one stream or iterator belongs to one caller."""

    @abstractmethod
    def read(self, stream: BinaryIO, labelled: bool, limits: ArchiveLimits = ArchiveLimits()
             ) -> Iterator[ArchivedPicture]:
        """The pictures by their names in order. Nothing is written anywhere.

        A mask has its picture's name: in a folder masks/ beside images/, or in the same folder with _mask before the
        suffix. Folders above, hidden files and what macOS and Windows leave behind do not count. If `labelled`, every
        picture has a mask and every mask a picture; else masks are left out.
        Raises: InvalidInput, TooLarge; before the first picture for all that the list of contents tells, with one fault
        for each file; a file that does not unpack, or has more bytes than it said, while the pictures are taken.
        """

    @abstractmethod
    def write(self, files: Iterator[ArchivedFile]) -> Iterator[bytes]:
        """An archive of these files, piece by piece while they are taken; the same bytes for the same files."""
