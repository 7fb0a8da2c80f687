"""Two models on the same held-out rows."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from application.ports.model_runner import ModelRunner
from application.ports.serving_models import ServingModels
from application.queries.held_out_scores import HeldOutScores, Pair
from domain.errors import NothingDeployed
from domain.provenance import dataset_version
from domain.shown_difference import ShownDifference
from domain.task import Task


@dataclass(frozen=True, slots=True)
class Comparison:
    """Metrics of both on the same held-out rows, of one dataset version; `serving` is None where nothing serves.

    rows, groups, differences: as in `Pair`, where there are two models; None and empty where there is one.
    """

    dataset_version: int

    candidate: Mapping[str, float]
    serving: Mapping[str, float] | None
    serving_experiment_id: int | None
    rows: int | None = None
    groups: int | None = None
    differences: Mapping[str, ShownDifference] = field(default_factory=dict)

    @classmethod
    def of(cls, version: int, pair: Pair, serving_id: int) -> Comparison:
        return cls(version, pair.first, pair.second, serving_id, pair.rows, pair.groups, pair.differences)


class Compare:
    """Scores a candidate and what serves its task on the held-out rows of one dataset version, which neither model has
    seen. A row that is held out stays so in every later version; where rows are parted by time it stays so in every
    earlier one, so there the version is the newer one of the two that they were trained on.
    """

    def __init__(self, scores: HeldOutScores, models: ServingModels) -> None:
        self._scores, self._models = scores, models

    def with_serving(self, task: Task, experiment_id: int, candidate: ModelRunner, version: int) -> Comparison:
        """candidate: the model of the experiment. version: of the data it was trained on.

        Raises: UnknownDatasetVersion, ModelCrashed.
        """
        try:
            served = self._models.current(task.name)
        except NothingDeployed:
            return Comparison(version, self._scores.of(task, version, experiment_id, candidate), None, None)
        version = _fair(task, version, served.runner)
        if served.experiment_id == experiment_id:
            scores = self._scores.of(task, version, experiment_id, candidate)
            return Comparison(version, scores, scores, experiment_id)
        pair = self._scores.pair(task, version, (experiment_id, candidate), (served.experiment_id, served.runner))
        return Comparison.of(version, pair, served.experiment_id)


def _fair(task: Task, version: int, serving: ModelRunner) -> int:
    """Of the rows to judge both by."""
    return version if task.split.by_time is None else max(version, dataset_version(serving.card.metadata))
