"""An experiment: one training of one task on one dataset version, from the queue to its end; or a model that was
imported instead."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import IllegalTransition
from domain.search import Search


class Status(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return not _NEXT[self]


_NEXT: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.RUNNING, Status.FAILED, Status.CANCELLED}),
    Status.RUNNING: frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED}),
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
}

Metrics = Mapping[str, Mapping[str, float]]


class Origin(StrEnum):
    TRAINED = "trained"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running experiment is. share: 0..1 of the whole run; iteration counts from 1, 0 before the first."""

    share: float = 0.0
    stage: str = ""
    iteration: int = 0
    iterations: int = 0
    loss: float | None = None


@dataclass(frozen=True, slots=True)
class Experiment:
    """id is 0 until the log of experiments gives one. metrics: part ("train", "valid", "test") -> name -> value.

    schema_version: of the task, with which it is trained.
    from_cache: the pipeline found this very training in its cache and computed nothing.
    source: once it has succeeded, in plain values: its parts and warnings (`domain/learned.py`), and what is known of
    an imported model (`ImportModel` says what).
    search: of one that tries several settings: what it has tried so far. Its parameters and its model become those of
    the best. parent: the id of the experiment that this one is a trial of.
    tags, note: what people say of it. pinned: the others of its task are measured against it. archived: lists leave it
    out unless they are asked for it.
    """

    id: int
    task: str
    name: str
    dataset_version: int
    commit_hash: str
    created_at: datetime
    params: Mapping[str, object]
    status: Status = Status.QUEUED
    progress: Progress = Progress()
    started_at: datetime | None = None
    finished_at: datetime | None = None
    heartbeat_at: datetime | None = None
    cancel_requested: bool = False
    metrics: Metrics = field(default_factory=dict)
    error: str | None = None
    from_cache: bool = False
    schema_version: int = 1
    origin: Origin = Origin.TRAINED
    source: Mapping[str, object] = field(default_factory=dict)
    search: Search | None = None
    parent: int | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    pinned: bool = False
    archived: bool = False

    def start(self, now: datetime) -> Experiment:
        return replace(self._to(Status.RUNNING), started_at=now, heartbeat_at=now)

    def beat(self, now: datetime, progress: Progress) -> Experiment:
        """Still alive, and this far. Raises: IllegalTransition once the run has ended."""
        if self.status is not Status.RUNNING:
            raise IllegalTransition(f"experiment {self.id} is {self.status}, not running")
        return replace(self, heartbeat_at=now, progress=progress)

    def succeed(self, now: datetime, metrics: Metrics, from_cache: bool) -> Experiment:
        done = replace(self.progress, share=1.0, stage="done")
        return replace(self._to(Status.SUCCEEDED), finished_at=now, metrics=metrics, progress=done,
                       from_cache=from_cache)

    def fail(self, now: datetime, error: str) -> Experiment:
        return replace(self._to(Status.FAILED), finished_at=now, error=error)

    def request_cancel(self, now: datetime) -> Experiment:
        """A queued run ends at once; a running one is told and ends itself."""
        if self.status is Status.QUEUED:
            return self.cancel(now)
        if self.status is not Status.RUNNING:
            raise IllegalTransition(f"experiment {self.id} is {self.status} and cannot be cancelled")
        return replace(self, cancel_requested=True)

    def cancel(self, now: datetime) -> Experiment:
        return replace(self._to(Status.CANCELLED), finished_at=now, error="cancelled", cancel_requested=True)

    def lose(self, now: datetime, reason: str) -> Experiment:
        """Its process is gone: that is a failure, unless it was to end anyway."""
        return self.cancel(now) if self.cancel_requested else self.fail(now, reason)

    def is_lost(self, now: datetime, patience: timedelta) -> bool:
        """Running, but nothing has been heard of it for longer than `patience`."""
        return self.status is Status.RUNNING and now - (self.heartbeat_at or self.created_at) > patience

    def _to(self, status: Status) -> Experiment:
        if status not in _NEXT[self.status]:
            raise IllegalTransition(f"experiment {self.id} is {self.status} and cannot become {status}")
        return replace(self, status=status)
