"""Stores in memory, as files and back."""
from __future__ import annotations

import json
from pathlib import Path

from application.ports.database_copy import DatabaseCopy, NotEmpty
from tests.fakes.task_catalog import InMemoryTaskCatalog


class InMemoryDatabaseCopy(DatabaseCopy):
    """The names of the tasks are what is copied; each is made by `make_task`."""

    def __init__(self, tasks: InMemoryTaskCatalog) -> None:
        self._tasks = tasks

    @property
    def make(self) -> str:
        return "memory 1"

    def save(self, folder: Path) -> None:
        (folder / "tasks.json").write_text(json.dumps([task.name for task in self._tasks.all()]))

    def check_empty(self) -> None:
        if self._tasks.all():
            raise NotEmpty("there are tasks")

    def restore(self, folder: Path) -> None:
        from tests.builders import make_task

        self.check_empty()
        for name in json.loads((folder / "tasks.json").read_text()):
            self._tasks.add(make_task(name=name))
