from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from application.ports.prediction_store import Wanted
from application.queries.whole_history import whole
from domain.history import CHANGES
from domain.live_history import Last
from domain.readiness import Health, Readiness, TaskReadiness
from entrypoints.answers.health import ReadinessAnswer
from entrypoints.answers.history import EntryAnswer, HistoryAnswer
from entrypoints.answers.live_history import LiveHistoryAnswer
from entrypoints.answers.observations import ObservationsAnswer
from entrypoints.answers.predictions import PredictionsAnswer
from entrypoints.answers.traffic import TrafficAnswer
from entrypoints.commands.abilities.watching import Watching
from entrypoints.commands.here.of_home import OfHome
from entrypoints.formats.moments import read_after
from entrypoints.http.places import read_place, write_place
from entrypoints.wiring import get, ports


class WatchingHere(OfHome, Watching):
    @property
    def place(self) -> str:
        return str(ports.settings(self._container).home.resolve())

    def readiness(self) -> ReadinessAnswer:
        """Of the models, what is deployed: whether they can be loaded is known where they are served."""
        deployed = [TaskReadiness(one.task, Health.OK, one.experiment_id)
                    for one in ports.deployment_log(self._container).current_all()]
        return ReadinessAnswer.of(Readiness(get.what_is_ready(self._container).dependencies(), deployed))

    def observations(self, task: str | None) -> ObservationsAnswer:
        if task is not None:
            ports.task_catalog(self._container).get(task)
        models = [model for model in get.look_around(self._container).execute().models
                  if task in (None, model.deployment.task)]
        return ObservationsAnswer.of(ports.settings(self._container).monitor_window_h, models)

    def predictions(self, task: str, wanted: Mapping[str, object], limit: int, before: str | None
                    ) -> PredictionsAnswer:
        said: Mapping[str, Any] = wanted
        rows = Wanted(ports.task_catalog(self._container).get(task).name, **said)
        found = ports.prediction_store(self._container).newest(rows, limit + 1, read_place(before))
        return PredictionsAnswer.of(found[:limit], write_place(found[limit - 1].place) if len(found) > limit else None)

    def traffic(self, task: str | None, minutes: int) -> TrafficAnswer:
        if task is not None:
            ports.task_catalog(self._container).get(task)
        began = ports.clock(self._container).now().replace(second=0, microsecond=0) - timedelta(minutes=minutes - 1)
        return TrafficAnswer.of(began, ports.traffic_log(self._container).since(began, task))

    def how_it_went(self, task: str, last: Last) -> LiveHistoryAnswer:
        return LiveHistoryAnswer.of(get.how_it_went(self._container).execute(task, last))

    def history(self, task: str | None, limit: int, before: int | None) -> HistoryAnswer:
        return HistoryAnswer.of(ports.history(self._container).newest(task, limit + 1, before, CHANGES), limit)

    def audit(self, after: str, task: str | None, who: str | None) -> Iterator[EntryAnswer]:
        return map(EntryAnswer.of, whole(ports.history(self._container), read_after(after), task, who))
