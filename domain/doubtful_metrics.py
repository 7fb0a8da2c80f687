"""Metrics that say less than they seem to, in words."""
from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.experiment import Metrics
from domain.kinds.kind import Problem
from domain.task import Task

# Part -> rows of each label, in the task's order.
Counts = Mapping[str, Sequence[int]]
# The formulas below are for large samples; and one row of so few is 5 % of them.
FEW_ROWS, FEW_PICTURES = 20, 5
# Two models that differ by a tenth cannot be told apart by rows with a wider interval.
WIDE = 0.2
# Trees answer the rows that they were fitted to better than others, by 0.02 to 0.15 of the way from chance to faultless
# on the public tables of docs/quality.md; by more than this the larger part of what was learned may be the rows.
GAP = 0.25
# Standard errors: 95 % of an interval; and what is beyond any chance.
_SURE, _CERTAIN = 1.96, 3.0
# Where most rows have one label, a model of many may know much and yet answer that one; then its log loss is below that
# of a model which knows the shares of the labels alone, and by less than this it may be so by chance.
_LESS = 0.9


@dataclass(frozen=True, slots=True)
class _Judged:
    """A metric of the held-out rows. low, high: its 95 % interval. chance: what it is of a model that knows nothing,
    in words knows_nothing. helps: another metric says that it knows something."""

    name: str
    value: float
    low: float
    high: float
    chance: float
    knows_nothing: str
    helps: bool = False

    def skill(self, value: float) -> float:
        """1 where there is no fault, 0 by chance."""
        return (value - self.chance) / (1 - self.chance)

    @property
    def error(self) -> float:
        """Standard error of the skill."""
        return (self.high - self.low) / (2 * _SURE) / (1 - self.chance)


def metric_warnings(task: Task, metrics: Metrics, test_rows: int, counts: Counts) -> Sequence[str]:
    """metrics: of all parts. counts: empty where there are no labels of rows."""
    if task.problem is Problem.SEGMENTATION:
        return _of_pictures(test_rows)
    test = metrics.get("test", {})
    judged = _judged(task, test, test_rows, counts)
    if judged is None:
        return []
    return list(_told(judged, test_rows, metrics.get("train", {}).get(judged.name)))


def _of_pictures(n_pictures: int) -> list[str]:
    if n_pictures >= FEW_PICTURES:
        return []
    return [f"{n_pictures} held-out pictures judge this model: with so few of them its metrics are of these pictures "
            "and say little of others"]


def _told(judged: _Judged, rows: int, train: float | None) -> Iterator[str]:
    name, value = judged.name, judged.value
    if rows < FEW_ROWS or judged.high - judged.low > WIDE:
        yield (f"{rows} held-out rows say little: {name} {value:.3f} may as well be from {judged.low:.2f} to "
               f"{judged.high:.2f} (95 % interval)")
    if judged.low <= judged.chance and not judged.helps:
        yield (f"{name} {value:.3f} on {rows} held-out rows is not told from {judged.knows_nothing}, which has "
               f"{judged.chance:.3f}: nothing is known to be learned that holds for new rows")
    if train is not None and _apart(judged, train):
        yield (f"the training rows are answered far better than the held-out ones, {name} {train:.3f} against "
               f"{value:.3f}: much of what was learned is of these rows alone; try more rows, fewer columns, a smaller "
               "or shorter training")


def _apart(judged: _Judged, train: float) -> bool:
    gap = judged.skill(train) - judged.skill(judged.value)
    return gap > GAP and gap > _CERTAIN * judged.error


def _judged(task: Task, test: Mapping[str, float], rows: int, counts: Counts) -> _Judged | None:
    if task.problem is Problem.REGRESSION:
        return _r2(test["r2"], rows) if "r2" in test else None
    labels = counts.get("test", ())
    if task.problem is Problem.BINARY:
        return _auc(test["auc"], *labels) if "auc" in test and min(labels, default=0) else None
    return _accuracy(task, test, labels) if "accuracy" in test and any(labels) else None


def _auc(value: float, negatives: int, positives: int) -> _Judged:
    """Standard error: Hanley, McNeil 1982, "The meaning and use of the area under a ROC curve". It would be 0 of a
    faultless one, so half a row is taken to be wrong."""
    least = 1 / (2 * min(negatives, positives))
    area = min(max(value, least), 1 - least)
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (positives - 1) * (one - area**2) + (negatives - 1) * (two - area**2)
    margin = _SURE * math.sqrt(variance / (negatives * positives))
    return _Judged("auc", value, max(value - margin, 0.0), min(value + margin, 1.0), 0.5, "chance")


def _accuracy(task: Task, test: Mapping[str, float], labels: Sequence[int]) -> _Judged | None:
    """Interval: Wilson 1927, "Probable inference, the law of succession, and statistical inference"."""
    value, rows, most = test["accuracy"], sum(labels), max(labels)
    if most == rows:
        return None
    square = _SURE**2
    middle = (value + square / (2 * rows)) / (1 + square / rows)
    margin = _SURE / (1 + square / rows) * math.sqrt(value * (1 - value) / rows + square / (4 * rows**2))
    return _Judged("accuracy", value, middle - margin, middle + margin, most / rows,
                   f"always answering {task.labels[list(labels).index(most)]}",
                   test.get("logloss", math.inf) < _LESS * _entropy(labels))


def _entropy(labels: Sequence[int]) -> float:
    """In nats: the log loss of answering each row with the shares of the labels."""
    rows = sum(labels)
    return -sum(count / rows * math.log(count / rows) for count in labels if count)


def _r2(value: float, rows: int) -> _Judged:
    """Standard error: Olkin, Finn 1995, "Correlations redux", for large samples."""
    explained = min(max(value, 0.0), 1.0)
    margin = _SURE * 2 * math.sqrt(explained) * (1 - explained) / math.sqrt(rows)
    return _Judged("r2", value, value - margin, min(value + margin, 1.0), 0.0, "always answering the mean")
