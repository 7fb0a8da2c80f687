"""The data that ships with the demo tasks."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Protocol

from domain.errors import ModelFailure
from domain.table import Table
from domain.task import Task


class DemoUnavailable(ModelFailure):
    """The package that holds the demo data is not installed, or the task has none."""

    code = "demo_unavailable"


class DemoData(Protocol):
    @abstractmethod
    def batches(self, task: Task) -> Iterator[tuple[str, Table]]:
        """(name, rows of the task's stored columns), oldest first; the first is what the first model is trained on.

        The same rows in the same order each time. Raises: DemoUnavailable.
        """
