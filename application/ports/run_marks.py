"""Which experiments the processes of this machine run, known even of a process that was killed."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from domain.errors import Conflict


class RunIsHeld(Conflict):
    code = "run_is_held"


class RunMarks(Protocol):
    """Marks that a living process holds. Thread-safe: yes; the processes of a machine share them."""

    @abstractmethod
    def hold(self, experiment_id: int) -> AbstractContextManager[None]:
        """Held until the block ends, and then gone; or until the process dies, and then abandoned.

        Raises: RunIsHeld if another holds it.
        """

    @abstractmethod
    def is_held(self, experiment_id: int) -> bool:
        """Whether a living process of this machine is within the block."""

    @abstractmethod
    def abandoned(self) -> Sequence[int]:
        """The experiments whose process died within the block, in ascending order, until they are forgotten."""

    @abstractmethod
    def forget(self, experiment_id: int) -> None:
        """Removes an abandoned mark; does nothing if there is none, or if it is held."""
