from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from domain.live_history import Last
from entrypoints.answers.health import ReadinessAnswer
from entrypoints.answers.history import EntryAnswer, HistoryAnswer
from entrypoints.answers.live_history import LiveHistoryAnswer
from entrypoints.answers.observations import ObservationsAnswer
from entrypoints.answers.predictions import PredictionsAnswer
from entrypoints.answers.traffic import TrafficAnswer
from entrypoints.commands.abilities.watching import Watching
from entrypoints.commands.there.connection import understood
from entrypoints.commands.there.of_service import OfService


class WatchingThere(OfService, Watching):
    @property
    def place(self) -> str:
        return self._service.url

    def readiness(self) -> ReadinessAnswer:
        return self._service.ask(ReadinessAnswer, "GET", "/readyz", also=(503,))

    def observations(self, task: str | None) -> ObservationsAnswer:
        return self._service.ask(ObservationsAnswer, "GET", "/observations", params={"task": task})

    def predictions(self, task: str, wanted: Mapping[str, object], limit: int, before: str | None
                    ) -> PredictionsAnswer:
        said = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in wanted.items()}
        return self._service.ask(PredictionsAnswer, "GET", "/predictions",
                                 params={"task": task, "limit": limit, "before": before} | said)

    def traffic(self, task: str | None, minutes: int) -> TrafficAnswer:
        return self._service.ask(TrafficAnswer, "GET", "/traffic", params={"task": task, "minutes": minutes})

    def how_it_went(self, task: str, last: Last) -> LiveHistoryAnswer:
        return self._service.ask(LiveHistoryAnswer, "GET", "/observations/history", params={"task": task, "last": last})

    def history(self, task: str | None, limit: int, before: int | None) -> HistoryAnswer:
        return self._service.ask(HistoryAnswer, "GET", "/history",
                                 params={"task": task, "limit": limit, "before": before})

    def audit(self, after: str, task: str | None, who: str | None) -> Iterator[EntryAnswer]:
        for line in self._service.lines("/audit", params={"after": after, "task": task, "who": who},
                                        headers={"Accept": "application/x-ndjson"}):
            yield understood(EntryAnswer, line, self.place)
