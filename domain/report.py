"""What a training is judged by, beside its metrics: curves and tables, as data that anything can draw."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from domain import scoring
from domain.arrays import Array
from domain.labels import Label

if TYPE_CHECKING:
    from domain.prediction import Predictions
    from domain.task import Task

MAX_POINTS = 2_000
MAX_BARS = 30
THRESHOLDS = tuple(number / 10 for number in range(1, 10))
Point = Mapping[str, float | str | int]


class PlotKind(StrEnum):
    LINE = "line"
    BAR = "bar"
    SCATTER = "scatter"
    MATRIX = "matrix"


@dataclass(frozen=True, slots=True)
class Plot:
    """rows: one mapping a point. x and y name the keys drawn; `series` names the key that parts the lines, if any;
    `diagonal` asks for the line of the chance or the ideal. In a matrix each row is one (x, y) pair to be counted by
    its `count`."""

    name: str
    title: str
    kind: PlotKind
    x: str
    y: str
    rows: Sequence[Point]
    series: str | None = None
    diagonal: bool = False


def training_plots(curve: Sequence[Mapping[str, float]], importance: Mapping[str, float], loss: str) -> list[Plot]:
    """curve: iteration, train, valid; importance: feature -> share."""
    points = [{"iteration": int(row["iteration"]), "part": part, loss: row[part]}
              for part in ("train", "valid") for row in curve]
    return [Plot("learning_curves", "Learning curves", PlotKind.LINE, "iteration", loss, points, series="part"),
            importance_plot(importance)]


def importance_plot(importance: Mapping[str, float]) -> Plot:
    """importance: feature -> share."""
    ranked = sorted(importance.items(), key=lambda item: -item[1])[:MAX_BARS]
    return Plot("feature_importance", "Feature importance", PlotKind.BAR, "importance", "feature",
                [{"feature": name, "importance": share} for name, share in ranked])


def evaluation_plots(task: Task, targets: Array, predictions: Predictions) -> list[Plot]:
    """targets: as `Task.targets` gives them."""
    return task.rules.plots(task, targets, predictions)


def binary_plots(targets: Array, scores: Array) -> list[Plot]:
    """targets: int64[n] of 0 and 1; scores: float64[n], the probability of 1."""
    return [
        Plot("roc", "ROC", PlotKind.LINE, "fpr", "tpr", scoring.roc_curve(targets, scores), diagonal=True),
        Plot("precision_recall", "Precision and recall", PlotKind.LINE, "recall", "precision",
             scoring.precision_recall_curve(targets, scores)),
        Plot("calibration", "Calibration", PlotKind.LINE, "predicted", "observed",
             scoring.calibration_curve(targets, scores), diagonal=True),
        Plot("thresholds", "By threshold", PlotKind.LINE, "threshold", "value",
             scoring.at_thresholds(targets, scores, THRESHOLDS), series="metric"),
    ]


def mask_plots(labels: Sequence[Label], matrices: Sequence[Array]) -> list[Plot]:
    """The pixels of all pictures by class, and the pictures from the worst on. matrices: the confusion of each."""
    rows: list[Point] = [
        {"picture": str(row + 1), "iou": iou} for row, iou in scoring.worst_first(matrices)[:MAX_BARS]]
    return [confusion_plot(labels, np.sum(matrices, axis=0)),
            Plot("worst_pictures", "Worst pictures", PlotKind.BAR, "iou", "picture", rows)]


def confusion_plot(labels: Sequence[Label], counts: Array) -> Plot:
    """counts: int64[classes, classes], rows are the true class."""
    rows: list[Point] = [{"predicted": str(predicted), "actual": str(actual), "count": int(counts[row, column])}
                         for row, actual in enumerate(labels) for column, predicted in enumerate(labels)]
    return Plot("confusion", "Confusion", PlotKind.MATRIX, "predicted", "actual", rows)


def predicted_and_true_plot(targets: Array, values: Array) -> Plot:
    """Of two columns of float64[n]; many rows are thinned evenly."""
    shown = np.unique(np.linspace(0, len(targets) - 1, min(MAX_POINTS, len(targets))).round().astype(int))
    rows = [{"actual": float(targets[row]), "predicted": float(values[row])} for row in shown]
    return Plot("predicted_and_actual", "Predicted and actual", PlotKind.SCATTER, "actual", "predicted", rows,
                diagonal=True)
