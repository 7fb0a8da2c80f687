"""What a candidate and what serves have answered to the same, where it can be asked about."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from application.ports.prediction_store import StoredPrediction, Wanted


class AnswersBeside(Protocol):
    """Of the rows that a PredictionStore holds. Thread-safe: yes; processes may share one store."""

    @abstractmethod
    def count(self, wanted: Wanted) -> int:
        """How many rows are wanted."""

    @abstractmethod
    def pairs(self, wanted: Wanted, limit: int) -> Sequence[tuple[StoredPrediction, StoredPrediction]]:
        """wanted: shadow rows. Each of the newest, `limit` at most, with what was given to its caller (the
        newest, where an id was used again), newest first; those of which nothing was kept that was given are left
        out."""
