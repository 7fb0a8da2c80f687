"""The history in memory."""
from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock

from application.ports.history import History
from domain.history import Act, Entry, digest_of


class InMemoryHistory(History):
    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: list[Entry] = []

    def add(self, entry: Entry) -> Entry:
        with self._lock:
            added = replace(entry, id=len(self._entries) + 1)
            last = self._entries[-1].digest if self._entries else ""
            self._entries.append(replace(added, digest=digest_of(added, last)))
            return self._entries[-1]

    def newest(self, task: str | None = None, limit: int = 100, before: int | None = None,
               acts: Collection[Act] = tuple(Act), by: str | None = None, after: int | datetime = 0
               ) -> Sequence[Entry]:
        found = [entry for entry in reversed(self._later(after)) if entry.act in acts and task in (None, entry.task)
                 and by in (None, entry.by) and (before is None or entry.id < before)]
        return found[:max(limit, 0)]

    def after(self, after: int | datetime, limit: int, task: str | None = None, by: str | None = None
              ) -> Sequence[Entry]:
        found = [entry for entry in self._later(after) if task in (None, entry.task) and by in (None, entry.by)]
        return found[:max(limit, 0)]

    def _later(self, after: int | datetime) -> list[Entry]:
        with self._lock:
            return [entry for entry in self._entries
                    if (entry.id > after if isinstance(after, int) else entry.at > after)]
