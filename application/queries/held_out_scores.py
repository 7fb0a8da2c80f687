"""How good experiments are on the held-out rows of dataset versions, and what these rows show of two of them."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from application.decorators.threshold import threshold_of
from application.ports.feature_store import FeatureStore
from application.ports.model_runner import ModelRunner
from application.queries.judged_models import JudgedModels
from application.queries.parted import parted
from application.queries.remembered import Remembered
from domain.arrays import Array
from domain.kinds.kind import Scorer
from domain.shown_difference import ShownDifference, shown_differences
from domain.splitting import TEST, group_names
from domain.table import Table
from domain.task import Task

REMEMBERED = 256
Scores = Mapping[str, float]
# An experiment and its model, which may decide by another threshold than its own.
Model = tuple[int, ModelRunner]
_Rows = tuple[str, int, int]
_Judged = tuple[int, float | None]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models on the same rows. groups: how many these rows came in, None where each stands for itself. differences:
    by metric, the first minus the second."""

    rows: int
    groups: int | None
    first: Scores
    second: Scores
    differences: Mapping[str, ShownDifference]


class HeldOutScores:
    """Neither an experiment's model nor a dataset version ever changes, nor a schema version, so what was measured once
    is remembered, of each threshold. A model that was trained before a label was added gives rows with it no chance."""

    def __init__(self, store: FeatureStore, judged: JudgedModels) -> None:
        self._store, self._judged = store, judged
        self._known: Remembered[tuple[_Rows, _Judged], Scores] = Remembered(REMEMBERED)
        self._pairs: Remembered[tuple[_Rows, _Judged, _Judged], Pair] = Remembered(REMEMBERED)

    def of(self, task: Task, version: int, model: Model) -> Scores:
        """Raises: UnknownDatasetVersion, ModelCrashed, InvalidInput where no row is held out."""
        return self._known.of((_rows(task, version), _judged(model)), lambda: self._answered(
            task, version, [model]).scorers[0].metrics())

    def pair(self, task: Task, version: int, first: Model, second: Model) -> Pair:
        """The rows are read once for both. Raises: as `of`."""
        return self._pairs.of((_rows(task, version), _judged(first), _judged(second)), lambda: _pair(
            self._answered(task, version, [first, second])))

    def _answered(self, task: Task, version: int, models: Sequence[Model]) -> _Answered:
        runners = [self._judged.of(*model) for model in models]
        answered = _Answered([task.rules.scorer(task) for _ in models])
        for table, parts in parted(self._store, task, version):
            held_out = table.take(parts == TEST)
            targets = task.targets(held_out[task.schema.target.name])
            answered.rows += held_out.n_rows
            answered.groups.append(_groups(task, held_out))
            for scorer, runner in zip(answered.scorers, runners, strict=True):
                scorer.add(targets, runner.predict(held_out).among(task.labels))
        return answered


def _rows(task: Task, version: int) -> _Rows:
    return task.name, task.schema_version, version


def _judged(model: Model) -> _Judged:
    number, runner = model
    return number, threshold_of(runner)


@dataclass(slots=True)
class _Answered:
    """scorers: of each model. groups: by chunk of the rows, the name of each row's group; empty where each stands for
    itself."""

    scorers: Sequence[Scorer]
    rows: int = 0
    groups: list[Array] = field(default_factory=list)


def _groups(task: Task, rows: Table) -> Array:
    return group_names(task.split.prefix_chars, rows[task.split.by]) if task.split.by else np.arange(0)


def _pair(answered: _Answered) -> Pair:
    (first, second), names = answered.scorers, np.concatenate(answered.groups)
    scores, drawn = (first.metrics(), second.metrics()), (first.influences(), second.influences())
    distinct, groups = np.unique(names, return_inverse=True) if names.size else (names, None)
    return Pair(answered.rows, len(distinct) or None, *scores, shown_differences(*scores, *drawn, groups))
