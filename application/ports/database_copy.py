"""All that the stores keep, as files."""
from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Protocol

from domain.errors import Conflict


class NotEmpty(Conflict):
    """There is something where a backup was to go."""

    code = "not_empty"


class DatabaseCopy(Protocol):
    """Thread-safe: no."""

    @property
    @abstractmethod
    def make(self) -> str:
        """Of what make and revision the files are; those of another cannot be restored here."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """All tables as they are at one moment, while others go on writing, as files in the empty folder.

        Raises: StorageUnavailable.
        """

    @abstractmethod
    def check_empty(self) -> None:
        """Raises: NotEmpty if there is a task or an experiment, StorageUnavailable."""

    @abstractmethod
    def restore(self, folder: Path) -> None:
        """What `save` wrote, all of it or nothing. Raises: NotEmpty, StorageUnavailable."""
