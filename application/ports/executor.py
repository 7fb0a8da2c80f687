"""Somewhere to run long work, outside of the process that answers requests."""
from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from domain.errors import Busy


class ExecutorUnavailable(Busy):
    """Nothing takes work at the moment."""

    code = "executor_unavailable"


class Executor(Protocol):
    """Runs queued experiments, each once, in the order in which they came. Thread-safe: yes.

    It carries the work only: whether an experiment runs or has ended, the experiment log says.
    """

    @abstractmethod
    def submit(self, experiment_id: int) -> None:
        """Returns at once, or when the experiment has ended: which of the two, an executor says for itself. Submitting
        again what is still queued or running does nothing. Raises: ExecutorUnavailable.
        """

    @abstractmethod
    def close(self) -> None:
        """For the end of a process that submits: what was submitted runs all the same, elsewhere or before this
        returns. Once more it does nothing."""
