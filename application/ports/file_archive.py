"""Files of any kind in one file."""
from __future__ import annotations

from abc import abstractmethod
from typing import BinaryIO, Protocol

from application.ports.picture_archive import ArchiveLimits


class FileArchive(Protocol):
    """Thread-safe: yes; one stream belongs to one caller."""

    @abstractmethod
    def names(self, stream: BinaryIO, limits: ArchiveLimits = ArchiveLimits()) -> tuple[str, ...]:
        """Whole paths with / between parts, in the order of the archive. Folders, hidden files and what macOS and
        Windows leave behind do not count. Nothing is unpacked.

        Raises: InvalidInput for what is no archive and for files that nobody may unpack (encrypted, twice, out of the
        archive, archives themselves), TooLarge for more files or bytes than allowed.
        """

    @abstractmethod
    def open(self, stream: BinaryIO, name: str, limits: ArchiveLimits = ArchiveLimits()) -> BinaryIO:
        """One of the files, unpacked while it is read from its start; closing it leaves the stream open.

        Raises: as `names`; InvalidInput while it is read if it does not unpack.
        """
