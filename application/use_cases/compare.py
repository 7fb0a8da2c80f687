"""Two models on the same held-out rows."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from application.data.parted import parted
from application.ports.feature_store import FeatureStore
from application.ports.model_runner import ModelRunner
from application.ports.serving_models import ServingModels
from domain.errors import NothingDeployed
from domain.prediction import CompactPredictions
from domain.scoring import score
from domain.splitting import TEST
from domain.task import Task


@dataclass(frozen=True, slots=True)
class Comparison:
    """Metrics of both on the same rows; `serving` is None where nothing serves."""

    candidate: Mapping[str, float]
    serving: Mapping[str, float] | None
    serving_experiment_id: int | None


class Compare:
    """Scores a candidate and what serves its task on the held-out rows of one dataset version. A row that is held out
    stays so in every later version, so neither model has seen any of them, whichever version it was trained on.
    """

    def __init__(self, store: FeatureStore, models: ServingModels) -> None:
        self._store, self._models = store, models

    def with_serving(self, task: Task, candidate: ModelRunner, version: int) -> Comparison:
        """Raises: UnknownDatasetVersion, ModelCrashed."""
        try:
            served = self._models.current(task.name)
        except NothingDeployed:
            return Comparison(self._scores(task, [candidate], version)[0], None, None)
        new, old = self._scores(task, [candidate, served.runner], version)
        return Comparison(new, old, served.experiment_id)

    def _scores(self, task: Task, runners: list[ModelRunner], version: int) -> list[dict[str, float]]:
        answers = [CompactPredictions(task.labels) for _ in runners]
        targets = []
        for table, parts in parted(self._store, task, version):
            held_out = table.take(parts == TEST)
            targets.append(task.targets(held_out[task.schema.target.name]))
            for runner, gathered in zip(runners, answers, strict=True):
                gathered.add(runner.predict(held_out))
        return [score(task, np.concatenate(targets), gathered.whole()) for gathered in answers]
