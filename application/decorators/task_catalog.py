"""The catalog of tasks without a look into the database for each request."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.task_catalog import TaskCatalog
from domain.errors import Busy
from domain.task import Task

# So long a catalog that was away is not asked again: the asking may take its time.
OUTAGE_PAUSE = timedelta(seconds=5)


class RememberedTasks(TaskCatalog):
    """A task never changes, so one that was read stays; the list of all is read anew after `patience`, within which a
    task that another process adds may be missing from it. While the catalog is away, the last list stands."""

    def __init__(self, catalog: TaskCatalog, clock: Clock, patience: timedelta) -> None:
        self._catalog, self._clock, self._patience = catalog, clock, patience
        self._tasks: dict[str, Task] = {}
        self._all: tuple[datetime, Sequence[Task]] | None = None

    def add(self, task: Task) -> None:
        self._catalog.add(task)
        self._all = None

    def get(self, name: str) -> Task:
        task = self._tasks.get(name)
        if task is None:
            task = self._tasks[name] = self._catalog.get(name)
        return task

    def all(self) -> Sequence[Task]:
        now, remembered = self._clock.now(), self._all
        if remembered is None or now - remembered[0] > self._patience:
            try:
                remembered = self._all = (now, self._catalog.all())
            except Busy:
                if remembered is None:
                    raise
                self._all = (self._clock.now() + OUTAGE_PAUSE, remembered[1])
        return remembered[1]
