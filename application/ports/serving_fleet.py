"""The processes that answer requests, and what each of them serves at the moment."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TakeoverFailure:
    """A generation that a process could not take over, and why."""

    generation: int
    reason: str


@dataclass(frozen=True, slots=True)
class ServingWorker:
    """What one process said last. generations: task -> generation that it answers with. failures: task -> the newer one
    that it could not take over."""

    id: str
    seen_at: datetime
    generations: Mapping[str, int] = field(default_factory=dict)
    failures: Mapping[str, TakeoverFailure] = field(default_factory=dict)


class ServingFleet(Protocol):
    """Thread-safe: yes; processes, also on several machines, may share one fleet."""

    @abstractmethod
    def report(self, worker: ServingWorker) -> None:
        """Puts what this worker says in the place of what it said before."""

    @abstractmethod
    def leave(self, worker_id: str) -> None:
        """The worker answers no more requests. Does nothing for one that is unknown."""

    @abstractmethod
    def workers(self, seen_since: datetime) -> Sequence[ServingWorker]:
        """Those that said something at or after this moment, by id; what was last heard of an hour before it is
        forgotten."""
