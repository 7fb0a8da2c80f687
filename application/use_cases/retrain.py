"""A new experiment: queued now, trained as soon as there is room."""
from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from application.ports.clock import Clock
from application.ports.executor import Executor, ExecutorUnavailable
from application.ports.experiment_log import ExperimentLog
from application.ports.feature_store import FeatureStore
from application.ports.task_catalog import TaskCatalog
from application.queries.versions import find_version
from application.training.asked import name_of
from application.training.known_trainers import KnownTrainers
from domain.experiment import Experiment


@dataclass(frozen=True, slots=True)
class RetrainRequest:
    """params: overrides of the task's training parameters; dataset_version: None for the newest."""

    task: str
    params: Mapping[str, object] = field(default_factory=dict)
    dataset_version: int | None = None
    name: str | None = None


class Retrain:
    """Queues one training of a task on one of its dataset versions; the newest, if none is named.

    The training parameters are the task's, with those of the request in their place; the trainer chooses the others by
    the number of rows, and all are checked against its card and kept with the experiment. What runs already, and what
    serves, is not touched. Accepted is accepted: while nothing takes work, the experiment waits until something does.
    """

    def __init__(self, tasks: TaskCatalog, store: FeatureStore, log: ExperimentLog, executor: Executor, clock: Clock,
                 commit_hash: str, trainers: KnownTrainers) -> None:
        self._tasks, self._store, self._log, self._trainers = tasks, store, log, trainers
        self._executor, self._clock, self._commit_hash = executor, clock, commit_hash

    def execute(self, request: RetrainRequest) -> Experiment:
        """Raises: UnknownTask, UnknownDatasetVersion, InvalidInput for parameters or a name."""
        task = self._tasks.get(request.task)
        card, training = self._trainers.check(task, request.params)
        version = find_version(self._store, task.name, request.dataset_version)
        training = training.override(card.resolved(training.params, task.kind, version.rows))
        name = name_of(request.name, f"{task.name}-v{version.version}")
        experiment = self._log.add(Experiment(
            id=0, task=task.name, name=name, dataset_version=version.version, commit_hash=self._commit_hash,
            created_at=self._clock.now(), params=training.as_dict(),
            schema_version=task.schema_version))
        # RecoverExperiments submits what is queued, again and again.
        with suppress(ExecutorUnavailable):
            self._executor.submit(experiment.id)
        return experiment
