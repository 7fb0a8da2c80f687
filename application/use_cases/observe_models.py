"""How the models that serve are doing."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from application.ports.clock import Clock
from application.ports.deployment_log import DeploymentLog
from application.ports.observation_store import ObservationStore
from application.ports.prediction_store import PredictionStore, StoredPrediction, Wanted
from application.ports.task_catalog import TaskCatalog
from application.serving.model_cards import ModelCards
from domain import drift
from domain.deployment import Deployment
from domain.drift import Drift, Histogram, Reference
from domain.observation import ObservedModel
from domain.prediction import Predictions
from domain.scoring import score
from domain.task import Problem, Task


class ObserveModels:
    """Compares what each serving model was asked lately with what it was trained on, and its answers with the labels
    that are known by now, and writes down what it saw. Lately means the window, and at most `max_rows` rows of it, the
    newest.
    """

    def __init__(self, deployments: DeploymentLog, tasks: TaskCatalog, cards: ModelCards, store: PredictionStore,
                 observations: ObservationStore, clock: Clock, window: timedelta, max_rows: int) -> None:
        self._deployments, self._tasks, self._cards, self._store = deployments, tasks, cards, store
        self._observations, self._clock, self._window, self._max_rows = observations, clock, window, max_rows

    def execute(self) -> None:
        """Raises: what the ports raise, once it has looked at all that can be looked at."""
        failures = []
        for deployment in self._deployments.current_all():
            try:
                self._observations.put(self._observed(deployment))
            except Exception as failure:  # one broken model file must not hide the other models
                failures.append(failure)
        if failures:
            raise failures[0]

    def _observed(self, deployment: Deployment) -> ObservedModel:
        task, now = self._tasks.get(deployment.task), self._clock.now()
        reference = drift.read_reference(self._cards.of(deployment.experiment_id).metadata.get("reference", ""))
        wanted = Wanted(task.name, deployment.experiment_id, since=now - self._window)
        rows = self._store.newest(wanted, self._max_rows)
        labelled = self._store.newest(Wanted(task.name, deployment.experiment_id, labelled=True, since=wanted.since),
                                      self._max_rows)
        return ObservedModel(task.name, deployment.experiment_id, now, len(rows), len(labelled),
                             _drift(reference, rows), _quality(task, labelled))


def _drift(reference: Reference | None, rows: Sequence[StoredPrediction]) -> dict[str, Drift]:
    if reference is None or len(rows) < drift.MIN_ROWS:
        return {}
    found = {}
    for name, histogram in reference.histograms.items():
        values = np.array([row.score for row in rows]) if name == drift.SCORE else _values(histogram, name, rows)
        if len(values):
            found[name] = drift.measure(histogram, values)
    return found


def _quality(task: Task, rows: Sequence[StoredPrediction]) -> dict[str, float]:
    if not rows or task.problem is Problem.SEGMENTATION:
        return {}
    return score(task, _targets(task, rows), _predictions(task, rows))


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
