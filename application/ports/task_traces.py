"""What a task leaves behind beside its data and experiments."""
from __future__ import annotations

from abc import abstractmethod
from typing import Protocol


class TaskTraces(Protocol):
    """Thread-safe: yes; processes may share what it works on."""

    @abstractmethod
    def remove(self, task_name: str) -> int:
        """Answers in the prediction log, late labels, observations and counted requests of a task of this name.

        Returns: how many answered rows. Once more it does nothing.
        """

    @abstractmethod
    def remove_late(self, task_name: str, up_to_experiment: int) -> int:
        """Answers that came into the prediction log after `remove`: those of experiments up to this id. Returns: the
        number of rows."""
