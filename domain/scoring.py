"""How good answers are: the metrics of each problem, and the curves behind them. numpy alone, so that the service needs
no training library to evaluate.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from domain.arrays import Array, Flags
from domain.errors import InvalidInput
from domain.picture import VOID

if TYPE_CHECKING:
    from domain.prediction import Predictions
    from domain.task import Task

EPSILON = 1e-15
# True where a larger value is the better model.
LARGER_IS_BETTER = {
    "auc": True, "average_precision": True, "logloss": False, "brier": False, "accuracy": True, "f1": True,
    "precision": True, "recall": True, "f1_macro": True, "rmse": False, "mae": False, "r2": True, "iou": True,
    "dice": True, "pixel_accuracy": True,
}
Values = Mapping[str, float | None]


def score(task: Task, targets: Array, predictions: Predictions) -> dict[str, float]:
    """The metrics of the task's problem.

    targets: as `Task.targets` gives them. A metric that has no value for these rows (the AUC of a single class, the
    precision where nothing is answered with the positive one, the R2 of constant targets) is left out.
    Raises: InvalidInput if there are no rows.
    """
    scorer = task.rules.scorer(task)
    scorer.add(targets, predictions)
    return scorer.metrics()


def check_rows(n_rows: int) -> None:
    """Raises: InvalidInput if there are none."""
    if not n_rows:
        raise InvalidInput("there are no labelled rows to evaluate on")


def known(values: Values) -> dict[str, float]:
    """Those that have a value."""
    return {name: float(value) for name, value in values.items() if value is not None and np.isfinite(value)}


def binary_metrics(targets: Array, scores: Array, predicted: Flags) -> Values:
    """targets: int64[n] of 0 and 1. scores: float64[n], the probability of 1. predicted: whether 1 was answered."""
    clipped = np.clip(scores, EPSILON, 1 - EPSILON)
    true_positives = int(np.count_nonzero(predicted & (targets == 1)))
    answered, positives = int(np.count_nonzero(predicted)), int(np.count_nonzero(targets))
    return {
        "auc": auc(targets, scores),
        "average_precision": average_precision(targets, scores),
        "logloss": -np.mean(np.where(targets == 1, np.log(clipped), np.log1p(-clipped))),
        "brier": np.mean((scores - targets) ** 2),
        "accuracy": np.mean(predicted == targets),
        "f1": _share(2 * true_positives, answered + positives),
        "precision": _share(true_positives, answered),
        "recall": _share(true_positives, positives),
    }


def multiclass_metrics(targets: Array, probabilities: Array) -> Values:
    """targets: int64[n]; probabilities: float64[n, classes]. F1 is the mean over the classes that occur."""
    predicted = probabilities.argmax(axis=1)
    matrix = confusion(targets, predicted, probabilities.shape[1])
    hits, given, guessed = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    occurring = (given + guessed) > 0
    of_target = np.clip(probabilities[np.arange(len(targets)), targets], EPSILON, 1)
    return {
        "accuracy": np.mean(predicted == targets),
        "f1_macro": np.mean(2 * hits[occurring] / (given + guessed)[occurring]),
        "logloss": -np.mean(np.log(of_target)),
    }


def regression_metrics(targets: Array, values: Array) -> Values:
    """targets, values: float64[n] in the unit of the target."""
    errors = targets - values
    spread = np.sum((targets - targets.mean()) ** 2)
    return {
        "rmse": np.sqrt(np.mean(errors**2)),
        "mae": np.mean(np.abs(errors)),
        "r2": 1 - np.sum(errors**2) / spread if spread > 0 else None,
    }


def mask_metrics(targets: Array, predicted: Array, classes: int) -> Values:
    """Means over the pictures. targets, predicted: object[n] of uint8[height, width] class positions; a pixel that is
    VOID in the target does not count, nor does a picture of such pixels alone.

    Of a picture: intersection over union (Jaccard 1912) and Dice (1945) are means over the classes in it or in its
    answer, without the first class, the background; a picture of background alone that is answered so has 1.
    """
    return mean_overlaps(counted_overlaps(mask_confusions(targets, predicted, classes)))


def counted_overlaps(matrices: Sequence[Array]) -> list[tuple[float, float, float]]:
    """`overlaps` of each picture that has a pixel that counts."""
    return [overlaps(matrix) for matrix in matrices if matrix.any()]


def mean_overlaps(of_pictures: Sequence[tuple[float, float, float]]) -> Values:
    """of_pictures: `overlaps` of each."""
    return dict(zip(("iou", "dice", "pixel_accuracy"), np.mean(of_pictures, axis=0), strict=True))


def mask_confusions(targets: Array, predicted: Array, classes: int) -> list[Array]:
    """The confusion of the pixels of each picture."""
    return [_counted(truth, answer, classes) for truth, answer in zip(targets, predicted, strict=True)]


def _counted(truth: Array, answer: Array, classes: int) -> Array:
    counts = truth != VOID
    if counts.all():
        return confusion(truth.ravel().astype(np.int64), answer.ravel(), classes)
    return confusion(truth[counts].astype(np.int64), answer[counts], classes)


def overlaps(matrix: Array) -> tuple[float, float, float]:
    """Intersection over union, Dice and the share of right pixels of one picture; see `mask_metrics`."""
    hits, both = np.diag(matrix), matrix.sum(axis=0) + matrix.sum(axis=1)
    shown = np.flatnonzero(both[1:]) + 1
    accuracy = _ratio(hits.sum(), matrix.sum())
    if not shown.size:
        return 1.0, 1.0, accuracy
    return np.mean(hits[shown] / (both - hits)[shown]), np.mean(2 * hits[shown] / both[shown]), accuracy


def worst_first(matrices: Sequence[Array]) -> list[tuple[int, float]]:
    """(row, intersection over union) of each picture, of the confusions of their pixels."""
    ious = [float(overlaps(matrix)[0]) for matrix in matrices]
    return sorted(enumerate(ious), key=lambda found: found[1])


def auc(targets: Array, scores: Array) -> float | None:
    """Area under the ROC curve as the Mann-Whitney statistic with midranks for ties (Hanley and McNeil 1982)."""
    positives = np.count_nonzero(targets)
    negatives = len(targets) - positives
    if not positives or not negatives:
        return None
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    midranks = np.cumsum(counts) - (counts - 1) / 2
    ranks = float(midranks[inverse][targets == 1].sum())
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def average_precision(targets: Array, scores: Array) -> float | None:
    """Sum of precision times the gain in recall over the thresholds (Manning et al. 2008, ch. 8; no interpolation)."""
    if not np.count_nonzero(targets):
        return None
    _, true_positives, false_positives = _counts_by_threshold(targets, scores)
    precision = true_positives / (true_positives + false_positives)
    gains = np.diff(true_positives, prepend=0)
    return float(np.sum(precision * gains) / true_positives[-1])


def roc_curve(targets: Array, scores: Array, points: int = 200) -> list[dict[str, float]]:
    """False and true positive rates by falling threshold, thinned to about `points`."""
    thresholds, true_positives, false_positives = _counts_by_threshold(targets, scores)
    rates = np.column_stack([
        false_positives / max(false_positives[-1], 1), true_positives / max(true_positives[-1], 1), thresholds])
    return [{"fpr": 0.0, "tpr": 0.0, "threshold": 1.0}] + _rows(_thin(rates, points), "fpr", "tpr", "threshold")


def precision_recall_curve(targets: Array, scores: Array, points: int = 200) -> list[dict[str, float]]:
    thresholds, true_positives, false_positives = _counts_by_threshold(targets, scores)
    values = np.column_stack([
        true_positives / max(true_positives[-1], 1), true_positives / (true_positives + false_positives), thresholds])
    return _rows(_thin(values, points), "recall", "precision", "threshold")


def at_thresholds(targets: Array, scores: Array, thresholds: Sequence[float]) -> list[dict[str, float | str]]:
    """What answers would be like that are positive above each threshold: precision, recall, F1 and the false positive
    rate, a row each; those that have no value, as the precision where no row is answered so, are left out."""
    positive = targets == 1
    positives, negatives = int(np.count_nonzero(positive)), int(np.count_nonzero(~positive))
    rows: list[dict[str, float | str]] = []
    for threshold in thresholds:
        answered = scores > threshold
        hits, n_answered = int(np.count_nonzero(answered & positive)), int(np.count_nonzero(answered))
        found = {"precision": _share(hits, n_answered), "recall": _share(hits, positives),
                 "f1": _share(2 * hits, n_answered + positives), "fpr": _share(n_answered - hits, negatives)}
        rows += [{"threshold": threshold, "metric": name, "value": value}
                 for name, value in found.items() if value is not None]
    return rows


def calibration_curve(targets: Array, scores: Array, bins: int = 10) -> list[dict[str, float]]:
    """Mean score against the share of positives in equal bins (DeGroot and Fienberg 1983); empty ones left out."""
    positions = np.clip((scores * bins).astype(int), 0, bins - 1)
    counts = np.bincount(positions, minlength=bins)
    mean_score = np.bincount(positions, scores, bins)[counts > 0] / counts[counts > 0]
    share = np.bincount(positions, targets, bins)[counts > 0] / counts[counts > 0]
    return _rows(np.column_stack([mean_score, share, counts[counts > 0]]), "predicted", "observed", "rows")


def confusion(targets: Array, predicted: Array, classes: int) -> Array:
    """int64[classes, classes]: rows are the true class, columns the predicted one."""
    return np.bincount(targets * classes + predicted, minlength=classes**2).reshape(classes, classes)


def is_better(metric: str, candidate: float, current: float) -> bool:
    return candidate > current if LARGER_IS_BETTER[metric] else candidate < current


def _counts_by_threshold(targets: Array, scores: Array) -> tuple[Array, Array, Array]:
    """For each distinct score, falling: the score, and the true and false positives at or above it."""
    order = np.argsort(-scores, kind="stable")
    ordered, hits = scores[order], targets[order] == 1
    last_of_ties = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    true_positives = np.cumsum(hits)[last_of_ties]
    return ordered[last_of_ties], true_positives, last_of_ties + 1 - true_positives


def _thin(values: Array, points: int) -> Array:
    kept = np.unique(np.linspace(0, len(values) - 1, min(points, len(values))).round().astype(int))
    return np.take(values, kept, axis=0)


def _rows(values: Array, *names: str) -> list[dict[str, float]]:
    return [dict(zip(names, map(float, row), strict=True)) for row in values]


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
