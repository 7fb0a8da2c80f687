"""Who changed or removed what, kept for ever."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.history import Entry


class History(Protocol):
    """Entries are added and never changed. Thread-safe: yes; processes may share one history."""

    @abstractmethod
    def add(self, entry: Entry) -> Entry:
        """entry: with id 0. Returns: the same with its new id, larger than all before."""

    @abstractmethod
    def newest(self, task: str | None = None, limit: int = 100, before: int | None = None) -> Sequence[Entry]:
        """Newest first; of this task alone, whether it is still there or not; `before` gives ids below it alone."""
