"""The disks that the service keeps its state on."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.errors import NoRoom


class DiskFull(NoRoom):
    """Also of a disk that takes nothing for another reason. The message names the disk by what lies on it."""

    code = "disk_full"


@dataclass(frozen=True, slots=True)
class DiskState:
    """name: of the first thing that lies on it. free_bytes: how much more it takes of whoever runs the service; None
    where it does not say. failure: why it does not take a small file now; empty if it does."""

    name: str
    free_bytes: int | None
    failure: str = ""


class Disk(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def check(self) -> None:
        """Returns if every disk takes a small file now. Raises: DiskFull."""

    @abstractmethod
    def look(self) -> Sequence[DiskState]:
        """Each disk, with what `check` would say of it."""
