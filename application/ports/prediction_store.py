"""The answers of all time, where they can be asked about."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports.prediction_spool import SpooledRows
from domain.errors import InvalidInput


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Of a row among all rows, the order in which they are given."""

    created_at: datetime
    entry_id: str
    row_no: int


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    """One row of an answer. inputs: column -> cell, None for missing. prediction and label: as text."""

    place: Place
    request_id: str
    route: str
    task: str
    experiment_id: int
    inputs: Mapping[str, float | str | None]
    prediction: str
    score: float
    label: str | None
    latency_s: float
    probabilities: Sequence[float] | None

    @property
    def row_no(self) -> int:
        return self.place.row_no

    @property
    def created_at(self) -> datetime:
        return self.place.created_at


@dataclass(frozen=True, slots=True)
class Wanted:
    """Rows of a task, and only those that have all that is said here. since: at or after. until: before. shadow: those
    that were given to nobody, and no others."""

    task: str
    experiment_id: int | None = None
    request_id: str | None = None
    prediction: str | None = None
    label: str | None = None
    labelled: bool = False
    since: datetime | None = None
    until: datetime | None = None
    shadow: bool = False


class UnstorableRows(InvalidInput):
    """The store can never hold one of these rows, however often it is tried."""

    code = "unstorable_rows"


class PredictionStore(Protocol):
    """Thread-safe: yes; processes may share one store."""

    @abstractmethod
    def add(self, entries: Sequence[SpooledRows]) -> None:
        """All or nothing; a row that is there already, by entry id and row number, stays as it is. A late label that
        came before its row is put to it, in the place of any other. Raises: UnstorableRows, NobodyWaits."""

    @abstractmethod
    def newest(self, wanted: Wanted, limit: int, before: Place | None = None) -> Sequence[StoredPrediction]:
        """At most `limit` rows, newest first; those that come after the place `before` alone, if it is given."""

    @abstractmethod
    def counts(self, task: str, edges: Sequence[datetime]) -> Sequence[int]:
        """The rows of a task that were given to somebody, from each edge, itself included, to the next: one less than
        there are edges. edges: ascending, at least two."""

    @abstractmethod
    def sample(self, wanted: Wanted, most: int) -> Sequence[StoredPrediction]:
        """At most `most` rows, spread evenly over all that are wanted in the order of their time; all of them, if there
        are no more. Rows of one moment are in any order. What it costs grows with the number of the wanted rows, but
        only those of the sample are read whole."""

    @abstractmethod
    def forget(self, before: datetime) -> int:
        """Deletes what is older. Returns: the number of rows."""
