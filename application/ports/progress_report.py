"""Telling whoever waits how far a stage is."""
from __future__ import annotations

from abc import abstractmethod
from typing import Protocol


class ProgressReport(Protocol):
    @abstractmethod
    def tell(self, stage: str, iteration: int, iterations: int, loss: float | None) -> None:
        """iteration counts from 1, 0 at the start of a stage; costs microseconds and never fails."""
