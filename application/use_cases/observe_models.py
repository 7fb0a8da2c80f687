"""How the models that serve are doing."""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from application.ports.clock import Clock
from application.ports.deployment_log import DeploymentLog
from application.ports.experiment_log import ExperimentLog
from application.ports.prediction_store import PredictionStore, StoredPrediction
from application.ports.serving_models import ServedModel, ServingModels
from domain import drift
from domain.deployment import Deployment
from domain.drift import Drift, Histogram
from domain.errors import ModelFailure
from domain.experiment import Status
from domain.prediction import Predictions
from domain.scoring import score
from domain.task import Problem, Task


@dataclass(frozen=True, slots=True)
class ObservedModel:
    """drift: by feature, of the rows in the window. quality: over those of them whose label is known. promised: the
    same metrics on the rows held out in training. deployed_at: None while a newer deployment is on its way."""

    task: str
    experiment_id: int
    commit_hash: str
    drift: Mapping[str, Drift] = field(default_factory=dict)
    quality: Mapping[str, float] = field(default_factory=dict)
    promised: Mapping[str, float] = field(default_factory=dict)
    deployed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Observations:
    """progress: (task, experiment) -> 0..1 of those that run or wait. failed_at: task -> when a training failed
    last."""

    models: Sequence[ObservedModel] = ()
    progress: Mapping[tuple[str, int], float] = field(default_factory=dict)
    failed_at: Mapping[str, datetime] = field(default_factory=dict)


class ObserveModels:
    """Compares what each serving model was asked lately with what it was trained on, and its answers with the labels
    that are known by now. Lately means the window, and at most `max_rows` rows of it, the newest.
    """

    def __init__(self, deployments: DeploymentLog, models: ServingModels, experiments: ExperimentLog,
                 store: PredictionStore, clock: Clock, window: timedelta, max_rows: int) -> None:
        self._deployments, self._models, self._experiments = deployments, models, experiments
        self._store, self._clock, self._window, self._max_rows = store, clock, window, max_rows

    def execute(self) -> Observations:
        deployments = self._deployments.current_all()
        tasks = [deployment.task for deployment in deployments]
        running = self._experiments.list(statuses={Status.QUEUED, Status.RUNNING}, limit=100)
        failed = {task: self._experiments.list(task=task, statuses={Status.FAILED}, limit=1) for task in tasks}
        return Observations(
            [model for deployment in deployments if (model := self._model(deployment))],
            {(experiment.task, experiment.id): experiment.progress.share for experiment in running},
            {task: found[0].finished_at for task, found in failed.items() if found and found[0].finished_at})

    def _model(self, deployment: Deployment) -> ObservedModel | None:
        try:
            served = self._models.current(deployment.task)
        except ModelFailure:  # deployed this moment, and not loaded here yet
            return None
        metadata = served.runner.card.metadata
        return ObservedModel(
            served.task.name, served.experiment_id, metadata.get("commit_hash", ""), self._drift(served),
            self._quality(served), json.loads(metadata.get("metrics", "{}")).get("test", {}),
            deployment.created_at if deployment.generation == served.generation else None)

    def _drift(self, served: ServedModel) -> dict[str, Drift]:
        reference = drift.read_reference(served.runner.card.metadata.get("reference", ""))
        rows = self._rows(served) if reference else ()
        if len(rows) < drift.MIN_ROWS:
            return {}
        found = {}
        for name, histogram in reference.histograms.items():
            values = np.array([row.score for row in rows]) if name == drift.SCORE else _values(histogram, name, rows)
            if len(values):
                found[name] = drift.measure(histogram, values)
        return found

    def _quality(self, served: ServedModel) -> dict[str, float]:
        rows = self._rows(served, labelled=True)
        if not rows or served.task.problem is Problem.SEGMENTATION:
            return {}
        return score(served.task, _targets(served.task, rows), _predictions(served.task, rows))

    def _rows(self, served: ServedModel, labelled: bool = False) -> Sequence[StoredPrediction]:
        since = self._clock.now() - self._window
        return self._store.newest(served.task.name, served.experiment_id, since, self._max_rows, labelled)


def _values(histogram: Histogram, name: str, rows: Sequence[StoredPrediction]) -> np.ndarray:
    cells = [row.inputs[name] for row in rows if name in row.inputs]
    if histogram.categories is None:
        return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
    return np.array(cells, dtype=object)


def _targets(task: Task, rows: Sequence[StoredPrediction]) -> np.ndarray:
    labels = [row.label for row in rows]
    return task.targets(np.array(labels, dtype=np.float64 if task.problem is Problem.REGRESSION else object))


def _predictions(task: Task, rows: Sequence[StoredPrediction]) -> Predictions:
    scores = np.array([row.score for row in rows], dtype=np.float64)
    if task.problem is Problem.REGRESSION:
        return Predictions(scores, None, ())
    values = np.array([row.prediction for row in rows], dtype=object)
    if task.problem is Problem.BINARY:
        positive = np.where(values == str(task.positive), scores, 1 - scores)
        return Predictions(values, np.column_stack([1 - positive, positive]), task.labels)
    return Predictions(values, np.array([row.probabilities for row in rows], dtype=np.float64), task.labels)
