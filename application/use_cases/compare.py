"""Two models on the same held-out rows."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from application.decorators.threshold import threshold_of
from application.ports.model_runner import ModelRunner
from application.ports.serving_models import ServingModels
from application.queries.held_out_scores import HeldOutScores, Model, Pair
from domain.errors import NothingDeployed
from domain.provenance import dataset_version
from domain.shown_difference import ShownDifference
from domain.task import Task


@dataclass(frozen=True, slots=True)
class Comparison:
    """Metrics of both on the same held-out rows, of one dataset version. serving: of what serves, None where nothing
    does; or of the other one that was asked for.

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
        """candidate: the model of the experiment; both decide as they do, or would, in service. version: of the data it
        was trained on.

        Raises: UnknownDatasetVersion, ModelCrashed.
        """
        try:
            served = self._models.current(task.name)
        except NothingDeployed:
            return Comparison(version, self._scores.of(task, version, (experiment_id, candidate)), None, None)
        return self.with_other(task, (experiment_id, candidate), version, (served.experiment_id, served.runner),
                               dataset_version(served.runner.card.metadata))

    def with_other(self, task: Task, candidate: Model, version: int, other: Model, other_version: int) -> Comparison:
        """version, other_version: of the data that each was trained on. Raises: as `with_serving`."""
        version = version if task.split.by_time is None else max(version, other_version)
        if other[0] == candidate[0] and threshold_of(other[1]) == threshold_of(candidate[1]):
            scores = self._scores.of(task, version, candidate)
            return Comparison(version, scores, scores, other[0])
        return Comparison.of(version, self._scores.pair(task, version, candidate, other), other[0])
