"""Experiments in memory."""
from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from copy import deepcopy
from dataclasses import replace
from threading import RLock

from application.ports.experiment_log import ExperimentLog, UnknownExperiment
from domain.experiment import Experiment, Status


class InMemoryExperimentLog(ExperimentLog):
    def __init__(self) -> None:
        # Reentrant, because a decision may look at other experiments.
        self._lock = RLock()
        self._experiments: dict[int, Experiment] = {}
        self._last = 0

    def add(self, experiment: Experiment) -> Experiment:
        with self._lock:
            self._last += 1
            return self._keep(self._last, experiment)

    def get(self, experiment_id: int) -> Experiment:
        with self._lock:
            if experiment_id not in self._experiments:
                raise UnknownExperiment(f"there is no experiment {experiment_id}")
            return deepcopy(self._experiments[experiment_id])

    def update(self, experiment_id: int, decide: Callable[[Experiment], Experiment]) -> Experiment:
        with self._lock:
            return self._keep(experiment_id, decide(self.get(experiment_id)))

    def remove(self, experiment_id: int, decide: Callable[[Experiment], None]) -> Experiment:
        with self._lock:
            removed = self.get(experiment_id)
            decide(removed)
            del self._experiments[experiment_id]
            return removed

    def list(self, *, task: str | None = None, statuses: Collection[Status] = (), limit: int = 50,
             before: int | None = None, archived: bool | None = None, pinned: bool | None = None
             ) -> Sequence[Experiment]:
        with self._lock:
            found = [deepcopy(experiment) for experiment in reversed(self._experiments.values())
                     if task in (None, experiment.task) and (not statuses or experiment.status in statuses)
                     and (before is None or experiment.id < before)
                     and archived in (None, experiment.archived) and pinned in (None, experiment.pinned)]
        return found[:max(limit, 0)]

    def _keep(self, experiment_id: int, experiment: Experiment) -> Experiment:
        self._experiments[experiment_id] = deepcopy(replace(experiment, id=experiment_id))
        return deepcopy(self._experiments[experiment_id])
