from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Protocol

from domain.live_history import Last
from entrypoints.answers.health import ReadinessAnswer
from entrypoints.answers.history import EntryAnswer, HistoryAnswer
from entrypoints.answers.live_history import LiveHistoryAnswer
from entrypoints.answers.observations import ObservationsAnswer
from entrypoints.answers.predictions import PredictionsAnswer
from entrypoints.answers.traffic import TrafficAnswer


class Watching(Protocol):
    @property
    @abstractmethod
    def place(self) -> str:
        """The folder, or the URL."""

    @abstractmethod
    def readiness(self) -> ReadinessAnswer: ...

    @abstractmethod
    def observations(self, task: str | None) -> ObservationsAnswer: ...

    @abstractmethod
    def predictions(self, task: str, wanted: Mapping[str, object], limit: int, before: str | None
                    ) -> PredictionsAnswer:
        """wanted: the other parameters of GET /predictions."""

    @abstractmethod
    def traffic(self, task: str | None, minutes: int) -> TrafficAnswer: ...

    @abstractmethod
    def how_it_went(self, task: str, last: Last) -> LiveHistoryAnswer: ...

    @abstractmethod
    def history(self, task: str | None, limit: int, before: int | None) -> HistoryAnswer: ...

    @abstractmethod
    def audit(self, after: str, task: str | None, who: str | None) -> Iterator[EntryAnswer]:
        """All of them, oldest first."""
