"""Counting what shadows are asked, so that it can be watched."""
from __future__ import annotations

from abc import abstractmethod
from enum import StrEnum
from typing import Protocol


class ShadowOutcome(StrEnum):
    """What became of rows for a shadow. LEFT_OUT: more came than it could be asked."""

    ANSWERED = "answered"
    FAILED = "failed"
    LEFT_OUT = "left out"


class ShadowMeter(Protocol):
    """Totals are those of all processes that share one. Raises nothing. Thread-safe: yes."""

    @abstractmethod
    def count(self, task: str, outcome: ShadowOutcome, rows: int) -> None:
        """Rows that the shadow of a task was to be asked."""
