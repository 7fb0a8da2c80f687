"""Tasks in memory."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import RLock

from application.ports.task_catalog import TaskCatalog, TaskExists, UnknownTask
from domain.task import Task
from domain.task_document import from_document, to_document


class InMemoryTaskCatalog(TaskCatalog):
    def __init__(self, *tasks: Task) -> None:
        # Reentrant, because a decision may look at the catalog.
        self._lock = RLock()
        self._versions: dict[str, list[Task]] = {}
        self._there: set[str] = set()
        self._leaving: set[str] = set()
        for task in tasks:
            self.add(task)

    def add(self, task: Task) -> Task:
        with self._lock:
            if task.name in self._leaving:
                raise TaskExists(f"a task {task.name} is being deleted")
            if task.name not in self._there:
                self._there.add(task.name)
                return self._next(task)
            if to_document(self.get(task.name)) != to_document(task):
                raise TaskExists(f"there is another task {task.name}")
            return self.get(task.name)

    def get(self, name: str, schema_version: int | None = None) -> Task:
        with self._lock:
            known = self._versions[name] if name in self._there else []
            if not known or schema_version is not None and not 0 < schema_version <= len(known):
                raise UnknownTask(f"there is no task {name}")
            return known[-1 if schema_version is None else schema_version - 1]

    def all(self, fresh: bool = False) -> Sequence[Task]:
        with self._lock:
            return [self.get(name) for name in sorted(self._there)]

    def change(self, name: str, decide: Callable[[Task], Task]) -> Task:
        with self._lock:
            before = self.get(name)
            after = decide(before)
            return before if after == before else self._next(after)

    def remove(self, name: str, clear: Callable[[Task], None]) -> Task:
        with self._lock:
            if name not in self._there | self._leaving:
                raise UnknownTask(f"there is no task {name}")
            self._there.discard(name)
            self._leaving.add(name)
            removed = self._versions[name][-1]
        clear(removed)
        with self._lock:
            self._leaving.discard(name)
        return removed

    def _next(self, task: Task) -> Task:
        known = self._versions.setdefault(task.name, [])
        known.append(from_document(to_document(task), len(known) + 1))
        return known[-1]
