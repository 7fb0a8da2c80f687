"""The catalog of tasks without a look into the database for each request."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.task_catalog import TaskCatalog, UnknownTask
from domain.errors import Busy
from domain.task import Task

# So long a catalog that was away is not asked again: the asking may take its time.
OUTAGE_PAUSE = timedelta(seconds=5)


class RememberedTasks(TaskCatalog):
    """The list of all is read anew after `patience`, within which what another process adds, changes or removes may not
    show in it; one task is always looked at. While the catalog is away, what was read last stands."""

    def __init__(self, catalog: TaskCatalog, clock: Clock, patience: timedelta) -> None:
        self._catalog, self._clock, self._patience = catalog, clock, patience
        self._tasks: dict[str, Task] = {}
        self._all: tuple[datetime, Sequence[Task]] | None = None
        self._away_at: datetime | None = None

    def add(self, task: Task) -> Task:
        added = self._catalog.add(task)
        self._all = None
        return added

    def get(self, name: str, schema_version: int | None = None) -> Task:
        if schema_version is not None:
            return self._catalog.get(name, schema_version)
        known = self._tasks.get(name)
        if known is not None and self._is_away():
            return known
        try:
            self._tasks[name] = self._catalog.get(name)
        except UnknownTask:
            self._tasks.pop(name, None)
            raise
        except Busy:
            self._away_at = self._clock.now()
            if known is None:
                raise
            return known
        return self._tasks[name]

    def _is_away(self) -> bool:
        now, away_at = self._clock.now(), self._away_at
        return away_at is not None and timedelta(0) <= now - away_at < OUTAGE_PAUSE

    def all(self, fresh: bool = False) -> Sequence[Task]:
        now, remembered = self._clock.now(), self._all
        if remembered is None or fresh or now - remembered[0] > self._patience:
            try:
                remembered = self._all = (now, self._catalog.all())
            except Busy:
                if remembered is None:
                    raise
                self._all = (self._clock.now() + OUTAGE_PAUSE, remembered[1])
        return remembered[1]

    def change(self, name: str, decide: Callable[[Task], Task]) -> Task:
        changed = self._catalog.change(name, decide)
        self._all = None
        return changed

    def remove(self, name: str, clear: Callable[[Task], None]) -> Task:
        self._all = None

        def forgetting(task: Task) -> None:
            self._tasks.pop(name, None)
            self._all = None
            clear(task)

        return self._catalog.remove(name, forgetting)
