"""Which experiment serves which task, now and before."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol

from domain.deployment import Deployment


class DeploymentLog(Protocol):
    """A deployment whose reason is REMOVED ends what served a task that is deleted: what came before it is seen in the
    history of all tasks alone. Thread-safe: yes; processes may share one log."""

    @abstractmethod
    def current(self, task: str) -> Deployment | None:
        """What serves now, None before the first deployment and after a removal."""

    @abstractmethod
    def current_all(self) -> Sequence[Deployment]:
        """What serves now, for every task that has a deployment, by task name."""

    @abstractmethod
    def append(self, task: str, decide: Callable[[Sequence[Deployment]], Deployment]) -> Deployment:
        """Adds what `decide` makes of the history (newest first, 1,000 at most, what was removed and its removal
        included); no other deployment comes in between.

        What `decide` raises comes out as it is and nothing is added.
        """

    @abstractmethod
    def history(self, task: str | None = None, limit: int = 100) -> Sequence[Deployment]:
        """Newest first."""
