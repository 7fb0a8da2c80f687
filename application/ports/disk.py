"""The disks that the service keeps its state on."""
from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from domain.errors import NoRoom


class DiskFull(NoRoom):
    """Also of a disk that takes nothing for another reason. The message names the disk by what lies on it."""

    code = "disk_full"


class Disk(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def check(self) -> None:
        """Returns if every disk takes a small file now. Raises: DiskFull."""
