"""What the stores stand on."""
from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from domain.errors import Busy


class StorageUnavailable(Busy):
    """It cannot be reached, was never migrated, or a lock was not had in time."""

    code = "storage_unavailable"


class StorageReadOnly(StorageUnavailable):
    """It answers, and takes nothing."""

    code = "storage_read_only"


class StorageDamaged(StorageUnavailable):
    """What it holds cannot be read any more."""

    code = "storage_damaged"


class Storage(Protocol):
    """While it is away, the stores on it raise StorageUnavailable. Thread-safe: yes; processes may share one."""

    @abstractmethod
    def migrate(self) -> None:
        """Makes room for all that the stores keep, and loses nothing of what they kept in an older form; does nothing
        where that is done. Processes that start at once wait for one another. Raises: StorageUnavailable."""

    @abstractmethod
    def check(self) -> None:
        """Returns if it answers and was migrated. Raises: StorageUnavailable."""

    @abstractmethod
    def check_writable(self) -> None:
        """Returns if it takes what is written. Keeps nothing of it, waits for nobody who writes. Raises:
        StorageUnavailable; StorageReadOnly, StorageDamaged where that is known."""

    @abstractmethod
    def close(self) -> None:
        """Gives back what is held open; a store that is used afterwards opens it anew."""
