"""How far each row draws the metrics: their influence functions, by which two models are told apart on the same rows.

Of a metric m of n rows the influence of row i is n times what m changes by when the row weighs a little more. The sum
of all is 0, and the root of the sum of their squares, over n, is the standard error of m: Jaeckel 1972, "The
infinitesimal jackknife"; Efron 1982, "The jackknife, the bootstrap and other resampling plans", ch. 6. Of the AUC that
is the method of DeLong, DeLong, Clarke-Pearson 1988, of an accuracy that of McNemar 1947 without its correction.

All give float64[n_rows] by metric; a metric without a value for these rows is left out.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from domain import scoring
from domain.arrays import Array, Flags

Influences = Mapping[str, Array]


def binary(targets: Array, scores: Array, predicted: Flags) -> Influences:
    """targets, scores, predicted: as `scoring.binary_metrics` takes them."""
    clipped = np.clip(scores, scoring.EPSILON, 1 - scoring.EPSILON)
    positive = targets == 1
    hits = (predicted & positive).astype(np.float64)
    return _known({
        "auc": _auc(positive, scores),
        "average_precision": _average_precision(positive, scores),
        "logloss": _mean(-np.where(positive, np.log(clipped), np.log1p(-clipped))),
        "brier": _mean((scores - targets) ** 2),
        "accuracy": _mean(predicted == positive),
        "f1": _ratio(2 * hits, predicted.astype(np.float64) + positive),
        "precision": _ratio(hits, predicted.astype(np.float64)),
        "recall": _ratio(hits, positive.astype(np.float64)),
    })


def multiclass(targets: Array, probabilities: Array) -> Influences:
    """targets, probabilities: as `scoring.multiclass_metrics` takes them."""
    predicted = probabilities.argmax(axis=1)
    of_target = np.clip(probabilities[np.arange(len(targets)), targets], scoring.EPSILON, 1)
    return {
        "accuracy": _mean(predicted == targets),
        "f1_macro": _f1_macro(targets, predicted, probabilities.shape[1]),
        "logloss": _mean(-np.log(of_target)),
    }


def regression(targets: Array, values: Array) -> Influences:
    """targets, values: as `scoring.regression_metrics` takes them."""
    squares, around = (targets - values) ** 2, (targets - targets.mean()) ** 2
    error, spread = squares.mean(), around.mean()
    return _known({
        "rmse": (squares - error) / (2 * np.sqrt(error)) if error > 0 else np.zeros(len(targets)),
        "mae": _mean(np.abs(targets - values)),
        "r2": (error / spread * (around - spread) - (squares - error)) / spread if spread > 0 else None,
    })


def pictures(of_pictures: Sequence[tuple[float, float, float] | None]) -> Influences:
    """of_pictures: `scoring.overlaps` of each, None of one that does not count."""
    counts = np.array([one is not None for one in of_pictures])
    values = np.zeros((len(of_pictures), 3))
    values[counts] = [one for one in of_pictures if one is not None]
    names = ("iou", "dice", "pixel_accuracy")
    return _known({name: _ratio(values[:, number], counts.astype(np.float64)) for number, name in enumerate(names)})


def _known(found: Mapping[str, Array | None]) -> Influences:
    return {name: values for name, values in found.items() if values is not None}


def _mean(values: Array) -> Array:
    around: Array = values - values.mean()
    return around


def _ratio(parts: Array, wholes: Array) -> Array | None:
    """Of the sum of the parts over the sum of the wholes."""
    whole = wholes.mean()
    return (parts - parts.mean() / whole * wholes) / whole if whole > 0 else None


def _auc(positive: Array, scores: Array) -> Array | None:
    share = positive.mean()
    if not 0 < share < 1:
        return None
    won = np.empty(len(scores))
    won[positive] = _share_below(scores[~positive], scores[positive])
    won[~positive] = 1 - _share_below(scores[positive], scores[~positive])
    area = won[positive].mean()
    drawn: Array = (won - area) / np.where(positive, share, 1 - share)
    return drawn


def _share_below(scores: Array, than: Array) -> Array:
    """Ties count half."""
    ordered = np.sort(scores)
    twice: Array = np.searchsorted(ordered, than, "left") + np.searchsorted(ordered, than, "right")
    return twice / (2 * len(scores))


def _average_precision(positive: Array, scores: Array) -> Array | None:
    """A row counts by itself, and in the precision at the score of each positive one that is not above it."""
    share = positive.mean()
    if not share:
        return None
    values, of_row, rows = np.unique(scores, return_inverse=True, return_counts=True)
    positives = np.bincount(of_row, positive, len(values))
    above = np.cumsum(rows[::-1])[::-1]
    precision = np.cumsum(positives[::-1])[::-1] / above
    own = positive * (precision[of_row] - positives @ precision / positives.sum())
    as_positive, as_any = np.cumsum(positives / above), np.cumsum(positives * precision / above)
    drawn: Array = (own + positive * as_positive[of_row] - as_any[of_row]) / share
    return drawn


def _f1_macro(targets: Array, predicted: Array, classes: int) -> Array:
    matrix = scoring.confusion(targets, predicted, classes)
    both = matrix.sum(axis=1) + matrix.sum(axis=0)
    occurring = np.count_nonzero(both)
    weights = len(targets) / np.maximum(both, 1) / occurring
    costs = 2 * np.diag(matrix) / np.maximum(both, 1) * weights
    drawn: Array = 2 * (targets == predicted) * weights[targets] - costs[targets] - costs[predicted]
    return drawn
