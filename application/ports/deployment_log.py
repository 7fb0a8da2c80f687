"""Which experiment serves which task, now and before."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol

from domain.deployment import Deployment


class DeploymentLog(Protocol):
    """Thread-safe: yes; processes may share one log."""

    @abstractmethod
    def current(self, task: str) -> Deployment | None:
        """What serves now, None before the first deployment."""

    @abstractmethod
    def current_all(self) -> Sequence[Deployment]:
        """What serves now, for every task that has a deployment, by task name."""

    @abstractmethod
    def append(self, task: str, decide: Callable[[Sequence[Deployment]], Deployment]) -> Deployment:
        """Adds what `decide` makes of the history (newest first, 1,000 at most); no other deployment comes in between.

        What `decide` raises comes out as it is and nothing is added.
        """

    @abstractmethod
    def history(self, task: str | None = None, limit: int = 100) -> Sequence[Deployment]:
        """Newest first."""
