"""Two models on the same held-out rows."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.model_runner import ModelRunner
from application.ports.serving_models import ServingModels
from application.queries.held_out_scores import HeldOutScores
from domain.errors import NothingDeployed
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

    def __init__(self, scores: HeldOutScores, models: ServingModels) -> None:
        self._scores, self._models = scores, models

    def with_serving(self, task: Task, experiment_id: int, candidate: ModelRunner, version: int) -> Comparison:
        """candidate: the model of the experiment. Raises: UnknownDatasetVersion, ModelCrashed."""
        try:
            served = self._models.current(task.name)
        except NothingDeployed:
            return Comparison(self._scores.of(task, version, {experiment_id: candidate})[experiment_id], None, None)
        found = self._scores.of(task, version, {experiment_id: candidate, served.experiment_id: served.runner})
        return Comparison(found[experiment_id], found[served.experiment_id], served.experiment_id)
