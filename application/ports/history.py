"""Who did what, kept for ever."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from domain.history import Act, Entry


class History(Protocol):
    """Entries are added and never changed. Thread-safe: yes; processes may share one history."""

    @abstractmethod
    def add(self, entry: Entry) -> Entry:
        """entry: with id 0. Returns: the same with its new id, larger than all before, and its digest, which follows
        that of the entry before it."""

    @abstractmethod
    def newest(self, task: str | None = None, limit: int = 100, before: int | None = None,
               acts: Collection[Act] = tuple(Act), by: str | None = None, after: int | datetime = 0
               ) -> Sequence[Entry]:
        """Newest first; of this task alone, whether it is still there or not; `before` gives ids below it alone; `by`
        and `after` are as below."""

    @abstractmethod
    def after(self, after: int | datetime, limit: int, task: str | None = None, by: str | None = None
              ) -> Sequence[Entry]:
        """Oldest first, those with a larger id or of a later moment; of this task, and of this caller alone."""
