"""Does the exported model answer as the trained one did? The rows that tell, and the comparison."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from domain.errors import ModelRejected
from domain.prediction import Predictions
from domain.schema import Column, ColumnType
from domain.table import Table

# Largest difference allowed, on probabilities as they are and on numbers relative to their size.
TOLERANCE = 1e-5
UNSEEN = "a category that no training data holds"
_MADE_ROWS = 512


class ParityBroken(ModelRejected):
    """The file answers differently from the model that it was made of."""

    code = "parity_broken"


def made_rows(columns: Sequence[Column], sample: Table, borders: Mapping[str, np.ndarray], seed: int = 0) -> Table:
    """Rows where exports go wrong, drawn around real ones: missing numbers, values exactly on a border and just beside
    it, very large ones, unseen categories and empty texts; each in every column, alone and mixed.

    sample: at least one row of real data; borders: float32 values by number column.
    """
    random = np.random.default_rng(seed)
    rows = random.integers(0, sample.n_rows, _MADE_ROWS)
    made = {}
    for column in columns:
        values = sample[column.name][rows].copy()
        changed = np.flatnonzero(random.random(_MADE_ROWS) < 0.5)
        values[changed] = random.choice(_odd_values(column, borders), len(changed))
        made[column.name] = values
    return Table(made)


def _odd_values(column: Column, borders: Mapping[str, np.ndarray]) -> np.ndarray:
    if column.type is ColumnType.CATEGORY:
        return np.array(["", UNSEEN, "é", "0"], dtype=object)
    on = np.asarray(borders.get(column.name, ()), dtype=np.float32)
    # A border may lie at the end of the range, where there is nothing beside it.
    with np.errstate(over="ignore"):
        beside = np.concatenate([np.nextafter(on, np.float32(np.inf)), np.nextafter(on, np.float32(-np.inf))])
    odd = np.array([np.nan, 0.0, -0.0, 3e38, -3e38], dtype=np.float32)
    return np.concatenate([on, beside[np.isfinite(beside)], odd])


def largest_difference(reference: Predictions, candidate: Predictions) -> float:
    """The largest difference of two answers to the same rows: absolute on probabilities, relative (to 1 at least) on
    numbers. Infinite if they do not even have the same form, or one of them is not a number."""
    first, second = _numbers(reference), _numbers(candidate)
    if first.shape != second.shape or reference.labels != candidate.labels:
        return float("inf")
    if not first.size:
        return 0.0
    scale = 1.0 if reference.probabilities is not None else np.maximum(1.0, np.abs(first))
    worst = float(np.max(np.abs(first - second) / scale))
    return worst if worst == worst else float("inf")


def check(reference: Predictions, candidate: Predictions, what: str) -> float:
    """Raises: ParityBroken if they differ by more than TOLERANCE. Returns: the largest difference."""
    difference = largest_difference(reference, candidate)
    if difference > TOLERANCE:
        raise ParityBroken(f"the model file differs from the trained model by {difference:.3g} on {what}; "
                           f"{TOLERANCE:g} is allowed")
    return difference


def _numbers(predictions: Predictions) -> np.ndarray:
    values = predictions.values if predictions.probabilities is None else predictions.probabilities
    return values.astype(np.float64)
