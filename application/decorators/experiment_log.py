"""The record of experiments for a run that has hours of work to lose."""
from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import TypeVar

from application.ports.clock import Clock
from application.ports.experiment_log import ExperimentLog
from domain.errors import Busy
from domain.experiment import Experiment, Status

T = TypeVar("T")
FIRST_PAUSE = timedelta(seconds=0.2)
LONGEST_PAUSE = timedelta(seconds=5)


class PatientExperimentLog(ExperimentLog):
    """Waits out an outage of the log that it stands before: up to `patience` it tries again, then it gives up.

    An update whose answer was lost may be decided on twice; the transitions of an experiment bear that.
    """

    def __init__(self, log: ExperimentLog, clock: Clock, patience: timedelta) -> None:
        self._log, self._clock, self._patience = log, clock, patience

    def add(self, experiment: Experiment) -> Experiment:
        """Once only: a second try could make a second experiment."""
        return self._log.add(experiment)

    def get(self, experiment_id: int) -> Experiment:
        return self._patiently(lambda: self._log.get(experiment_id))

    def update(self, experiment_id: int, decide: Callable[[Experiment], Experiment]) -> Experiment:
        return self._patiently(lambda: self._log.update(experiment_id, decide))

    def remove(self, experiment_id: int, decide: Callable[[Experiment], None]) -> Experiment:
        """Once only: after a second try it could seem never to have been."""
        return self._log.remove(experiment_id, decide)

    def list(self, *, task: str | None = None, statuses: Collection[Status] = (), limit: int = 50,
             before: int | None = None, archived: bool | None = None, pinned: bool | None = None
             ) -> Sequence[Experiment]:
        return self._patiently(lambda: self._log.list(
            task=task, statuses=statuses, limit=limit, before=before, archived=archived, pinned=pinned))

    def _patiently(self, attempt: Callable[[], T]) -> T:
        give_up, pause = self._clock.now() + self._patience, FIRST_PAUSE
        while True:
            try:
                return attempt()
            except Busy:
                if self._clock.now() >= give_up:
                    raise
            self._clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
