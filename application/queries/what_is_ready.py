"""Can the service serve, and what should somebody look at."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.disk import Disk, DiskState
from application.ports.serving_models import ServedModel, ServingModels
from application.ports.storage import Storage, StorageUnavailable
from domain.readiness import Dependency, Health, Readiness, TaskReadiness

# Anybody may ask, and to try whether the database can be written takes the turn of those who write.
_TRIED_EVERY = timedelta(seconds=1)


class WhatIsReady:
    """The database is asked, and tried whether it can be written; a small file is written to each disk; a task is as
    well as its model in this process. A disk with less room than `min_disk_bytes` is told while there is some.
    Thread-safe: yes."""

    def __init__(self, storage: Storage, disk: Disk, models: ServingModels, clock: Clock, min_disk_bytes: int) -> None:
        self._storage, self._disk, self._models, self._clock = storage, disk, models, clock
        self._min_disk_bytes = min_disk_bytes
        self._written_at: datetime | None = None

    def execute(self) -> Readiness:
        return Readiness(self.dependencies(), self._tasks())

    def dependencies(self) -> list[Dependency]:
        return [self._database(), *map(self._one_disk, self._disk.look())]

    def _database(self) -> Dependency:
        try:
            self._storage.check()
            self._try_to_write()
        except StorageUnavailable as failure:
            return Dependency("database", Health.FAILED, failure.detail)
        return Dependency("database", Health.OK)

    def _try_to_write(self) -> None:
        now = self._clock.now()
        if self._written_at is None or not timedelta(0) <= now - self._written_at < _TRIED_EVERY:
            self._storage.check_writable()
            self._written_at = now

    def _one_disk(self, disk: DiskState) -> Dependency:
        name, free_bytes, least = f"disk of {disk.name}", disk.free_bytes, self._min_disk_bytes
        if disk.failure:
            return Dependency(name, Health.FAILED, disk.failure, free_bytes)
        if free_bytes is None or free_bytes >= least:
            return Dependency(name, Health.OK, "", free_bytes)
        # The number itself stands beside it: what is said is the same from one look to the next.
        return Dependency(name, Health.DEGRADED, f"the {name} has less than {_mib(least)} left", free_bytes)

    def _tasks(self) -> Sequence[TaskReadiness]:
        served = {model.task.name: model for model in self._models.all_served()}
        failures = {task: failure.reason for task, failure in self._models.failures().items()}
        return [_task(task, served.get(task), failures.get(task, "")) for task in sorted({*served, *failures})]


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / (1 << 20):.4g} MiB"


def _task(task: str, served: ServedModel | None, failure: str) -> TaskReadiness:
    if served is None:
        return TaskReadiness(task, Health.FAILED, None, f"its model cannot be loaded: {failure}")
    if failure:
        return TaskReadiness(task, Health.DEGRADED, served.experiment_id, f"experiment {served.experiment_id} goes on "
                             f"serving, as what was deployed after it cannot be loaded: {failure}")
    return TaskReadiness(task, Health.OK, served.experiment_id)
