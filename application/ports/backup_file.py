"""One file with many in it."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from domain.errors import InvalidInput


class DamagedBackup(InvalidInput):
    """It is no backup, was cut off, or a byte of it is another one."""

    code = "damaged_backup"


@dataclass(frozen=True, slots=True)
class Piece:
    """content: to be taken before the next piece is asked for."""

    path: str
    size_bytes: int
    content: Iterator[bytes]


class BackupWriter(Protocol):
    @abstractmethod
    def add(self, path: str, size_bytes: int, content: Iterable[bytes]) -> None:
        """Raises: OSError."""


class BackupFile(Protocol):
    """Thread-safe: yes; a file belongs to one caller."""

    @abstractmethod
    def create(self, path: Path) -> AbstractContextManager[BackupWriter]:
        """A new file, which has its name once the block ends well; there is none if it raises. Raises: OSError."""

    @abstractmethod
    def read(self, path: Path) -> Iterator[Piece]:
        """All that was added, in its order. Raises: DamagedBackup, when a digest is not what was written or the end is
        missing at the latest; OSError."""
