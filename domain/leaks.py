"""Columns that by themselves give the target away, and labels beside which the others hardly count: told before anybody
believes in a score."""
from __future__ import annotations

import numpy as np

from domain.arrays import Array
from domain.forms import known
from domain.kinds.kind import Problem
from domain.table import Table
from domain.task import Task

# Rows looked at: more would change no warning.
MAX_ROWS = 10_000
_LEAST_ROWS, _LEAST_OF_LABEL = 40, 10
_MAX_BINS, _ROWS_A_BIN = 64, 8
# Of the target's variance, from which on a column is suspected. A number in honest data is hardly ever told so well.
_OF_CLASSES, _OF_NUMBERS = 0.85, 0.97
_MOSTLY = 0.9
_MAX_NAMED = 20


def leaks(task: Task, table: Table) -> list[str]:
    """The features that explain nearly all of the target, the most telling first; in words that say what to do.

    Explained is the share of the target's variance (of classes the sum over them, as in the Brier skill score; of
    numbers that of their ranks, so that any rising curve counts) that is gone once each row is answered by the mean of
    its bin of the column; each half of the rows by the bins of the other.
    table: rows of the stored columns, MAX_ROWS or so, evenly spread.
    """
    wanted = _wanted(task, table)
    if wanted is None:
        return []
    least = _OF_NUMBERS if task.problem is Problem.REGRESSION else _OF_CLASSES
    found = [(explained(column.rules.gauge(table[column.name]), wanted), column.name) for column in
             task.schema.features]
    told = sorted(((share, name) for share, name in found if share >= least), reverse=True)
    target = task.schema.target.name
    return [f"{name} alone explains {share:.1%} of {target}: if it is known only afterwards, ignore it"
            for share, name in told[:_MAX_NAMED]]


def lopsided(task: Task, table: Table) -> list[str]:
    """A label that nearly all rows have. table: as above, the target at least."""
    if not task.labels or not table.n_rows:
        return []
    counts = np.bincount(task.targets(table[task.schema.target.name]), minlength=len(task.labels))
    share = counts.max() / counts.sum()
    if share < _MOSTLY or np.count_nonzero(counts) < 2:
        return []
    label = task.labels[int(counts.argmax())]
    better = "average_precision" if task.problem is Problem.BINARY else "f1_macro"
    return [f"{share:.1%} of the rows have the label {label}, so always saying it has that accuracy: judge by "
            f"{better}, and try class_weights: balanced"]


def explained(column: Array, wanted: Array) -> float:
    """column: float64[n], NaN for missing, or object[n] of str; wanted: float64[n, k]. Returns: 1 at most; below 0
    where the column only misleads."""
    bins = _bins(column)
    halves = np.arange(len(bins)) % 2 == 0
    left = sum(_left(bins, wanted, half) for half in (halves, ~halves))
    all_of_it = float(((wanted - wanted.mean(axis=0)) ** 2).sum())
    return 1 - left / all_of_it if all_of_it else 0.0


def _left(bins: Array, wanted: Array, learn: Array) -> float:
    """The squares left of the other rows. A bin that no row taught is answered by the mean of all."""
    counts = np.bincount(bins[learn], minlength=bins.max() + 1)[:, None]
    sums = np.stack([np.bincount(bins[learn], weights=one[learn], minlength=len(counts)) for one in wanted.T], axis=1)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), wanted[learn].mean(axis=0))
    return float(((wanted[~learn] - means[bins[~learn]]) ** 2).sum())


def _bins(column: Array) -> Array:
    """int64[n]: values that are few each their own, numbers otherwise in bins of as many rows; missing is a bin too."""
    if column.dtype == object:
        return np.unique(column.astype(str), return_inverse=True)[1]
    has_value = known(column)
    values = column[has_value]
    most = int(np.clip(len(column) // _ROWS_A_BIN, 2, _MAX_BINS))
    borders = np.unique(values)
    if len(borders) > most:
        borders = np.unique(np.quantile(values, np.linspace(0, 1, most + 1)[1:-1]))
    bins = np.zeros(len(column), np.int64)
    bins[has_value] = 1 + np.searchsorted(borders, values, side="right")
    return bins


def _wanted(task: Task, table: Table) -> Array | None:
    """float64[n, k]: one column a class, or the ranks of numbers; None where there is too little to judge by."""
    if table.n_rows < _LEAST_ROWS:
        return None
    targets = task.targets(table[task.schema.target.name])
    if task.problem is Problem.REGRESSION:
        ordered = np.sort(targets)
        ranks = np.searchsorted(ordered, targets, "left") + np.searchsorted(ordered, targets, "right")
        return ranks[:, None].astype(np.float64)
    counts = np.bincount(targets, minlength=len(task.labels))
    # Of one label there is always plenty.
    if np.sort(counts)[-2] < _LEAST_OF_LABEL:
        return None
    return np.eye(len(task.labels))[targets][:, counts > 0]
