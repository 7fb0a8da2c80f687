"""The halves of kinds of task that say what is learned and how it is judged."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from domain import influence, report, scoring, sheet, target_summary
from domain.arrays import Array
from domain.columns import ColumnType
from domain.influence import Influences
from domain.kinds.kind import Metrics, Problem, Scorer, TaskRules
from domain.labels import array_of, positions_of
from domain.prediction import Predictions
from domain.report import Plot
from domain.sheet import Sheet
from domain.target_summary import TargetSummary

if TYPE_CHECKING:
    from domain.table import Table
    from domain.task import Task

MAX_CLASSES, MAX_MASK_CLASSES = 256, 16


class _Measured(TaskRules, ABC):
    """Judged by all rows together."""

    def scorer(self, task: Task) -> Scorer:
        return _Gathering(self)

    @abstractmethod
    def judged(self, predictions: Predictions) -> Array:
        """What of the answers decides on the metrics, an entry a row."""

    @abstractmethod
    def measured(self, targets: Array, answers: Array) -> scoring.Values:
        """answers: as `judged` gives them, of one row at least."""

    @abstractmethod
    def influences(self, targets: Array, answers: Array) -> Influences:
        """Of the same rows on what `measured` gives."""


class _Gathering(Scorer):
    def __init__(self, rules: _Measured) -> None:
        self._rules = rules
        self._targets: list[Array] = []
        self._answers: list[Array] = []

    def add(self, targets: Array, predictions: Predictions) -> None:
        self._targets.append(targets)
        self._answers.append(self._rules.judged(predictions))

    def metrics(self) -> Metrics:
        scoring.check_rows(sum(map(len, self._targets)))
        return scoring.known(self._rules.measured(*self._all()))

    def influences(self) -> Influences:
        return self._rules.influences(*self._all())

    def _all(self) -> tuple[Array, Array]:
        return np.concatenate(self._targets), np.concatenate(self._answers).astype(np.float64)


class GivesLabels(_Measured, ABC):
    target_type = ColumnType.CATEGORY
    labels_are_texts = labels_come_late = True
    loss = "logloss"

    def targets(self, task: Task, column: Array, first_row: int) -> Array:
        return positions_of(column, task.labels, task.schema.target.name, first_row)

    def summary(self, task: Task, targets: Array) -> TargetSummary:
        return target_summary.of_labels(task.labels, targets)

    def plots(self, task: Task, targets: Array, predictions: Predictions) -> list[Plot]:
        predicted = predictions.shares.argmax(axis=1)
        return [report.confusion_plot(task.labels, scoring.confusion(targets, predicted, len(task.labels)))]


class GivesOneOfTwo(GivesLabels, ABC):
    problem, class_counts = Problem.BINARY, (2, 2)
    metrics = ("auc", "average_precision", "logloss", "brier", "accuracy", "f1", "precision", "recall")

    def logged(self, task: Task, predictions: Sequence[str], scores: Sequence[float],
               probabilities: Sequence[Sequence[float] | None]) -> Predictions:
        said = np.array(predictions, dtype=object) == str(task.positive)
        of_predicted = np.array(scores, dtype=np.float64)
        positive = np.where(said, of_predicted, 1 - of_predicted)
        return Predictions(array_of(task.labels)[said.astype(np.intp)], np.column_stack([1 - positive, positive]),
                           task.labels)

    def judged(self, predictions: Predictions) -> Array:
        """The probability of the positive label, and whether it was answered: 1 or 0."""
        return np.column_stack([predictions.shares[:, 1], predictions.values == predictions.labels[1]])

    def measured(self, targets: Array, answers: Array) -> scoring.Values:
        return scoring.binary_metrics(targets, answers[:, 0], answers[:, 1] == 1)

    def influences(self, targets: Array, answers: Array) -> Influences:
        return influence.binary(targets, answers[:, 0], answers[:, 1] == 1)

    def plots(self, task: Task, targets: Array, predictions: Predictions) -> list[Plot]:
        return super().plots(task, targets, predictions) + report.binary_plots(
            targets, predictions.shares[:, 1].astype(np.float64))


class GivesOneOfMany(GivesLabels, ABC):
    problem, class_counts = Problem.MULTICLASS, (3, MAX_CLASSES)
    metrics = ("accuracy", "f1_macro", "logloss")

    def logged(self, task: Task, predictions: Sequence[str], scores: Sequence[float],
               probabilities: Sequence[Sequence[float] | None]) -> Predictions:
        return Predictions(np.array(predictions, dtype=object), np.array(probabilities, dtype=np.float64), task.labels)

    def judged(self, predictions: Predictions) -> Array:
        return predictions.shares

    def measured(self, targets: Array, answers: Array) -> scoring.Values:
        return scoring.multiclass_metrics(targets, answers)

    def influences(self, targets: Array, answers: Array) -> Influences:
        return influence.multiclass(targets, answers)


class GivesNumbers(_Measured, ABC):
    problem, target_type, class_counts = Problem.REGRESSION, ColumnType.NUMBER, None
    labels_are_texts, labels_come_late = False, True
    loss, metrics = "rmse", ("rmse", "mae", "r2")

    def targets(self, task: Task, column: Array, first_row: int) -> Array:
        return column.astype(np.float64)

    def summary(self, task: Task, targets: Array) -> TargetSummary:
        return target_summary.of_numbers(targets)

    def logged(self, task: Task, predictions: Sequence[str], scores: Sequence[float],
               probabilities: Sequence[Sequence[float] | None]) -> Predictions:
        return Predictions(np.array(scores, dtype=np.float64), None, ())

    def judged(self, predictions: Predictions) -> Array:
        return predictions.values

    def measured(self, targets: Array, answers: Array) -> scoring.Values:
        return scoring.regression_metrics(targets, answers)

    def influences(self, targets: Array, answers: Array) -> Influences:
        return influence.regression(targets, answers)

    def plots(self, task: Task, targets: Array, predictions: Predictions) -> list[Plot]:
        return [report.predicted_and_true_plot(targets, predictions.values.astype(np.float64))]


class GivesMasks(TaskRules, ABC):
    problem, target_type, class_counts = Problem.SEGMENTATION, ColumnType.MASK, (2, MAX_MASK_CLASSES)
    labels_are_texts = labels_come_late = False
    loss, metrics = "logloss", ("iou", "dice", "pixel_accuracy")

    def targets(self, task: Task, column: Array, first_row: int) -> Array:
        return column

    def summary(self, task: Task, targets: Array) -> TargetSummary:
        return target_summary.of_masks(task.labels, targets)

    def logged(self, task: Task, predictions: Sequence[str], scores: Sequence[float],
               probabilities: Sequence[Sequence[float] | None]) -> Predictions:
        raise NotImplementedError("the log keeps no masks")

    def scorer(self, task: Task) -> Scorer:
        return _Overlapping(len(task.labels))

    def plots(self, task: Task, targets: Array, predictions: Predictions) -> list[Plot]:
        return report.mask_plots(task.labels, scoring.mask_confusions(targets, predictions.values, len(task.labels)))

    def sheets(self, task: Task, test: Table, predictions: Predictions) -> list[Sheet]:
        return sheet.mask_sheets(len(task.labels), test[task.schema.features[0].name], test[task.schema.target.name],
                                 predictions.values)


class _Overlapping(Scorer):
    """Of each picture a few numbers are kept, not the mask."""

    def __init__(self, classes: int) -> None:
        self._classes = classes
        self._overlaps: list[tuple[float, float, float] | None] = []

    def add(self, targets: Array, predictions: Predictions) -> None:
        matrices = scoring.mask_confusions(targets, predictions.values, self._classes)
        self._overlaps += [scoring.overlaps(matrix) if matrix.any() else None for matrix in matrices]

    def metrics(self) -> Metrics:
        counted = [one for one in self._overlaps if one is not None]
        scoring.check_rows(len(counted))
        return scoring.known(scoring.mean_overlaps(counted))

    def influences(self) -> Influences:
        return influence.pictures(self._overlaps)
