"""What a killed process leaves behind is put right."""
from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.artifact_store import ArtifactStore
from application.ports.clock import Clock
from application.ports.executor import Executor, ExecutorUnavailable
from application.ports.experiment_log import ExperimentLog, UnknownExperiment
from application.ports.pipeline_runner import PipelineRunner
from application.ports.run_marks import RunMarks
from application.training.kept_log import keep_log
from domain.experiment import Experiment, Status

ENDED_SILENTLY = "the process that ran it ended without telling why"
_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Recovered:
    """lost: the runs that were ended. waiting: how many are queued and nothing takes them at the moment."""

    lost: tuple[Experiment, ...]
    waiting: int = 0


class RecoverExperiments:
    """No experiment stays "running" without a process, or "queued" without a place in a queue.

    A run whose process on this machine is gone has failed, and its workspace goes but for
    its log; while the process lives it has not,
    however long it was silent (a machine may have slept). One that runs elsewhere has failed if it was not heard of
    for longer than `patience`. What is queued is handed to the executor again, oldest first.
    """

    def __init__(self, log: ExperimentLog, marks: RunMarks, pipeline: PipelineRunner, artifacts: ArtifactStore,
                 executor: Executor, clock: Clock, patience: timedelta) -> None:
        self._log, self._marks, self._pipeline, self._artifacts = log, marks, pipeline, artifacts
        self._executor, self._clock, self._patience = executor, clock, patience

    def execute(self, listening_since: datetime, reason: str = ENDED_SILENTLY) -> Recovered:
        """listening_since: from when on a heartbeat would have been heard, so that an outage of the log fails nobody.
        reason: what is said of runs that died on this machine."""
        lost = [*self.end_abandoned(reason), *self._end_unheard(listening_since)]
        return Recovered(tuple(lost), self._submit_queued())

    def end_abandoned(self, reason: str = ENDED_SILENTLY) -> Collection[Experiment]:
        """The part that concerns processes of this machine alone. Returns: the runs that it ended."""
        lost = [self._end_dead(experiment_id, reason) for experiment_id in self._marks.abandoned()]
        return [experiment for experiment in lost if experiment is not None]

    def _end_dead(self, experiment_id: int, reason: str) -> Experiment | None:
        # The log first: whoever sees that a run has failed looks there for why.
        if self._is_running(experiment_id):
            keep_log(self._pipeline, self._artifacts, experiment_id)
        ended = self._end(experiment_id, reason, lambda experiment: experiment.status is Status.RUNNING)
        self._pipeline.release(experiment_id)
        self._marks.forget(experiment_id)
        return ended

    def _is_running(self, experiment_id: int) -> bool:
        try:
            return self._log.get(experiment_id).status is Status.RUNNING
        except UnknownExperiment:
            return False

    def _end_unheard(self, listening_since: datetime) -> Collection[Experiment]:
        now = self._clock.now()
        if now - listening_since <= self._patience:
            return []
        silent = [experiment.id for experiment in self._log.list(statuses={Status.RUNNING}, limit=_ALL)
                  if experiment.is_lost(now, self._patience) and not self._marks.is_held(experiment.id)]
        ended = [self._end(number, ENDED_SILENTLY, lambda experiment: experiment.is_lost(now, self._patience))
                 for number in silent]
        return [experiment for experiment in ended if experiment is not None]

    def _end(self, experiment_id: int, reason: str, is_dead: Callable[[Experiment], bool]) -> Experiment | None:
        """None if it is not dead after all; that is decided again where nobody changes it in between."""
        ended: list[Experiment] = []

        def decide(experiment: Experiment) -> Experiment:
            ended.clear()
            if not is_dead(experiment):
                return experiment
            ended.append(experiment.lose(self._clock.now(), reason))
            return ended[0]

        try:
            self._log.update(experiment_id, decide)
        except UnknownExperiment:
            return None
        return ended[0] if ended else None

    def _submit_queued(self) -> int:
        queued = sorted(experiment.id for experiment in self._log.list(statuses={Status.QUEUED}, limit=_ALL))
        for position, experiment_id in enumerate(queued):
            try:
                self._executor.submit(experiment_id)
            except ExecutorUnavailable:
                return len(queued) - position
        return 0
