"""The tasks that the service knows."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.errors import Conflict, NotFound
from domain.task import Task


class UnknownTask(NotFound):
    code = "unknown_task"


class TaskExists(Conflict):
    """A task of that name with another definition is there already."""

    code = "task_exists"


class TaskCatalog(Protocol):
    """Thread-safe: yes; processes may share one catalog."""

    @abstractmethod
    def add(self, task: Task) -> None:
        """A task never changes once added; adding the same definition again does nothing. Raises: TaskExists."""

    @abstractmethod
    def get(self, name: str) -> Task:
        """Raises: UnknownTask."""

    @abstractmethod
    def all(self) -> Sequence[Task]:
        """By name."""
