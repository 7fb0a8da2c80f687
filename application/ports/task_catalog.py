"""The tasks that the service knows."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Protocol

from domain.errors import Conflict, NotFound
from domain.task import Task


class UnknownTask(NotFound):
    code = "unknown_task"


class TaskExists(Conflict):
    """A task of that name with another definition is there already."""

    code = "task_exists"


class TaskCatalog(Protocol):
    """A schema version of a task never changes, and a name never has the same one twice, whatever was deleted.
    Thread-safe: yes; processes may share one catalog."""

    @abstractmethod
    def add(self, task: Task) -> Task:
        """Adding the definition that there is again does nothing. Returns: the task with its schema version, 1 unless a
        task of that name was there before. Raises: TaskExists."""

    @abstractmethod
    def get(self, name: str, schema_version: int | None = None) -> Task:
        """The newest schema version of it if none is named. Raises: UnknownTask."""

    @abstractmethod
    def all(self, fresh: bool = False) -> Sequence[Task]:
        """By name. fresh: as they are now, where a moment ago would do else."""

    @abstractmethod
    def change(self, name: str, decide: Callable[[Task], Task]) -> Task:
        """Makes what `decide` makes of the newest schema version the next one; nobody else changes the task in between.

        decide: gives the next schema version, or the task as it is, and then nothing is changed. What it raises comes
        out as it is. Returns: the newest schema version. Raises: UnknownTask.
        """

    @abstractmethod
    def remove(self, name: str, clear: Callable[[Task], None]) -> Task:
        """From now on nobody gets the task. `clear` is called with it, to remove what belongs to it; once that is done
        the name is free. Where it was not, for what `clear` raised or for the end of the process, `remove` goes on.

        Returns: what it was. Raises: UnknownTask.
        """
