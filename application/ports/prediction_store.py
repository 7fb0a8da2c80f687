"""The answers of all time, where they can be asked about."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.prediction_spool import SpooledRows
from domain.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    """One row of an answer. inputs: column -> cell, None for missing. prediction and label: as text."""

    request_id: str
    row_no: int
    created_at: datetime
    inputs: Mapping[str, float | str | None]
    prediction: str
    score: float
    label: str | None
    probabilities: Sequence[float] | None


class UnstorableRows(InvalidInput):
    """The store can never hold one of these rows, however often it is tried."""

    code = "unstorable_rows"


class PredictionStore(Protocol):
    """Thread-safe: yes; processes may share one store."""

    @abstractmethod
    def add(self, entries: Sequence[SpooledRows]) -> None:
        """All or nothing; a row that is there already, by entry id and row number, stays as it is. A late label that
        came before its row is put to it, in the place of any other. Raises: UnstorableRows."""

    @abstractmethod
    def newest(self, task: str, experiment_id: int, since: datetime, limit: int,
               labelled: bool = False) -> Sequence[StoredPrediction]:
        """Rows answered by an experiment at or after `since`, newest first; those with a label alone, if so asked."""

    @abstractmethod
    def forget(self, before: datetime) -> int:
        """Deletes what is older. Returns: the number of rows."""
