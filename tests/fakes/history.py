"""The history in memory."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from application.ports.history import History
from domain.history import Entry


class InMemoryHistory(History):
    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: list[Entry] = []

    def add(self, entry: Entry) -> Entry:
        with self._lock:
            self._entries.append(replace(entry, id=len(self._entries) + 1))
            return self._entries[-1]

    def newest(self, task: str | None = None, limit: int = 100, before: int | None = None) -> Sequence[Entry]:
        with self._lock:
            found = [entry for entry in reversed(self._entries)
                     if task in (None, entry.task) and (before is None or entry.id < before)]
        return found[:max(limit, 0)]
