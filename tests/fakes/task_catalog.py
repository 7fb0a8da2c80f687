"""Tasks in memory."""
from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from application.ports.task_catalog import TaskCatalog, TaskExists, UnknownTask
from domain.task import Task
from domain.task_document import from_document, to_document


class InMemoryTaskCatalog(TaskCatalog):
    def __init__(self, *tasks: Task) -> None:
        self._lock = Lock()
        self._tasks: dict[str, Task] = {}
        for task in tasks:
            self.add(task)

    def add(self, task: Task) -> None:
        with self._lock:
            known = self._tasks.setdefault(task.name, from_document(to_document(task)))
        if to_document(known) != to_document(task):
            raise TaskExists(f"there is another task {task.name}")

    def get(self, name: str) -> Task:
        if name not in self._tasks:
            raise UnknownTask(f"there is no task {name}")
        return self._tasks[name]

    def all(self) -> Sequence[Task]:
        with self._lock:
            return [self._tasks[name] for name in sorted(self._tasks)]
