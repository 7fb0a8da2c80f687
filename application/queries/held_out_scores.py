"""How good experiments are on the held-out rows of dataset versions, and what these rows show of two of them."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

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
    is remembered. A model that was trained before a label was added gives rows with it no chance."""

    def __init__(self, store: FeatureStore, judged: JudgedModels) -> None:
        self._store, self._judged = store, judged
        self._known: Remembered[tuple[str, int, int, int], Scores] = Remembered(REMEMBERED)
        self._pairs: Remembered[tuple[str, int, int, int, int], Pair] = Remembered(REMEMBERED)

    def of(self, task: Task, version: int, number: int, runner: ModelRunner) -> Scores:
        """runner: of the experiment with this number.

        Raises: UnknownDatasetVersion, ModelCrashed, InvalidInput where no row is held out.
        """
        return self._known.of((task.name, task.schema_version, version, number), lambda: self._answered(
            task, version, {number: runner}).scorers[number].metrics())

    def pair(self, task: Task, version: int, first: tuple[int, ModelRunner], second: tuple[int, ModelRunner]) -> Pair:
        """first, second: two different experiments, each with its model. The rows are read once for both.

        Raises: as `of`.
        """
        numbers = first[0], second[0]
        return self._pairs.of((task.name, task.schema_version, version, *numbers), lambda: _pair(
            self._answered(task, version, dict([first, second])), *numbers))

    def _answered(self, task: Task, version: int, runners: Mapping[int, ModelRunner]) -> _Answered:
        judges = {number: self._judged.of(number, runner) for number, runner in runners.items()}
        answered = _Answered({number: task.rules.scorer(task) for number in runners})
        for table, parts in parted(self._store, task, version):
            held_out = table.take(parts == TEST)
            targets = task.targets(held_out[task.schema.target.name])
            answered.rows += held_out.n_rows
            answered.groups.append(_groups(task, held_out))
            for number, runner in judges.items():
                answered.scorers[number].add(targets, runner.predict(held_out).among(task.labels))
        return answered


@dataclass(slots=True)
class _Answered:
    """groups: by chunk of the rows, the name of each row's group; empty where each stands for itself."""

    scorers: Mapping[int, Scorer]
    rows: int = 0
    groups: list[Array] = field(default_factory=list)


def _groups(task: Task, rows: Table) -> Array:
    return group_names(task.split.prefix_chars, rows[task.split.by]) if task.split.by else np.arange(0)


def _pair(answered: _Answered, first: int, second: int) -> Pair:
    scores = {number: scorer.metrics() for number, scorer in answered.scorers.items()}
    drawn = {number: scorer.influences() for number, scorer in answered.scorers.items()}
    names = np.concatenate(answered.groups)
    distinct, groups = np.unique(names, return_inverse=True) if names.size else (names, None)
    return Pair(answered.rows, len(distinct) or None, scores[first], scores[second], shown_differences(
        scores[first], scores[second], drawn[first], drawn[second], groups))
