"""Changes of stored data that are no new batch."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol

from domain.dataset import DatasetVersion
from domain.task import Task


class DataKeeper(Protocol):
    """Beside a FeatureStore, over the same data. Thread-safe: yes; processes may share the data."""

    @abstractmethod
    def make_room(self, task: Task) -> None:
        """For columns that a new schema version of the task takes in: rows that are there have no value in them, and
        stay as they are in all others. Does nothing where there is room, or no data."""

    @abstractmethod
    def undo(self, task_name: str, decide: Callable[[DatasetVersion], None]) -> DatasetVersion:
        """Removes the newest dataset version with its rows. No later batch gets its number, and the same content may
        come again. `decide` may refuse: what it raises comes out as it is and nothing is removed.

        Returns: what it was. Raises: UnknownDatasetVersion if the task has no data.
        """

    @abstractmethod
    def drop(self, task_name: str, schema_version: int) -> None:
        """Removes all data of a task. Batches that are still on their way for this schema version of it, or an earlier
        one, are refused with Conflict from now on. Once more it does nothing."""
