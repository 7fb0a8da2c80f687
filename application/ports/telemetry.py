"""Counting what happens, so that it can be watched."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Protocol

from domain.arrays import Floats


class Telemetry(Protocol):
    """Totals are those of all processes that share one. Raises nothing. Thread-safe: yes."""

    @abstractmethod
    def request_ended(self, route: str, task: str, status: int, duration_s: float) -> None:
        """route: a template such as /metrics/{experiment_id}, or "other"; task: empty where none was meant."""

    @abstractmethod
    def inferred(self, task: str, duration_s: float) -> None:
        """The model of a task has run once, on any number of rows."""

    @abstractmethod
    def predicted(self, task: str, experiment_id: int, counts: Mapping[str, int], scores: Floats) -> None:
        """counts: rows by predicted label, empty for numbers. scores: float[n], as in Predictions."""

    @abstractmethod
    def turned_away(self) -> None:
        """A request was told to come again: every slot was taken, there was no memory for it, or it took too long."""

    @abstractmethod
    def log_state(self, *, backlog_rows: int | None = None, lost_rows: int = 0, torn: int | None = None) -> None:
        """Of the prediction log: what waits now, what was lost just now, and torn entries met so far."""
