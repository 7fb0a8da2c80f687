"""Whether what is kept in several places agrees."""
from __future__ import annotations

import re
from collections.abc import Iterator

from application.ports.artifact_store import ArtifactStore, UnknownArtifact
from application.ports.deployment_log import DeploymentLog
from application.ports.experiment_log import ExperimentLog
from application.ports.feature_store import FeatureStore
from application.ports.history import History
from application.ports.model_runner import ModelLoader
from application.ports.task_catalog import TaskCatalog
from application.queries.whole_history import whole
from application.serving.loading import load_model, read_model
from domain.errors import ModelRejected
from domain.experiment import Experiment, Status
from domain.history import first_broken
from domain.task import Task

_AT_ONCE = 500
_OF_EXPERIMENT = re.compile(r"experiments/(\d+)/")


class WhatIsWrong:
    """Looks whether the database, the artifacts and the models agree: succeeded experiments have the model file that
    was published, what serves can be loaded and answers its probe, dataset versions have their rows, no files are left
    of experiments that are gone, and the history is what was written."""

    def __init__(self, tasks: TaskCatalog, store: FeatureStore, log: ExperimentLog, deployments: DeploymentLog,
                 artifacts: ArtifactStore, loader: ModelLoader, history: History) -> None:
        self._tasks, self._store, self._log, self._deployments = tasks, store, log, deployments
        self._artifacts, self._loader, self._history = artifacts, loader, history

    def look(self) -> Iterator[str]:
        """In words, each thing that is wrong. Raises: StorageUnavailable."""
        there = set()
        for experiment in self._experiments():
            there.add(experiment.id)
            if experiment.status is Status.SUCCEEDED:
                yield from self._of_model(experiment)
        yield from self._of_what_serves()
        for task in self._tasks.all():
            yield from self._of_rows(task)
        yield from self._left_over(there)
        if (broken := first_broken(whole(self._history))) is not None:
            yield f"history: entry {broken.id} was changed, or one before it was taken out"

    def _experiments(self) -> Iterator[Experiment]:
        before = None
        while found := self._log.list(limit=_AT_ONCE, before=before):
            yield from found
            before = found[-1].id

    def _of_model(self, experiment: Experiment) -> Iterator[str]:
        try:
            read_model(self._artifacts, experiment.id)
        except UnknownArtifact:
            yield f"experiment {experiment.id} of {experiment.task} has succeeded, but its model file is missing"
        except ModelRejected as failure:
            yield str(failure)

    def _of_what_serves(self) -> Iterator[str]:
        for deployment in self._deployments.current_all():
            models = {deployment.experiment_id: "is served by"}
            if deployment.rollout is not None:
                models[deployment.rollout.experiment_id] = f"has as its {deployment.rollout.role}"
            for experiment_id, how in models.items():
                try:
                    load_model(self._artifacts, self._loader, experiment_id)
                except (UnknownArtifact, ModelRejected) as failure:
                    yield f"{deployment.task} {how} experiment {experiment_id}, which fails: {failure}"

    def _of_rows(self, task: Task) -> Iterator[str]:
        versions = self._store.versions(task.name)
        if not versions:
            return
        first = task.schema.target.name
        rows = sum(table.n_rows for table in self._store.read(task, versions[-1].version, columns=[first]))
        if rows != versions[-1].rows:
            yield f"dataset version {versions[-1].version} of {task.name} has {rows} rows, not {versions[-1].rows}"

    def _left_over(self, there: set[int]) -> Iterator[str]:
        found = {int(match[1]) for info in self._artifacts.list("experiments")
                 if (match := _OF_EXPERIMENT.match(info.path))}
        for number in sorted(found - there):
            yield f"experiments/{number}: files of an experiment that there is not"
