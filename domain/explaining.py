"""How much each column of a row has to do with the answer: Shapley values of the columns, by sampled permutations.

Štrumbelj and Kononenko, "Explaining prediction models and individual predictions with feature contributions" (2014);
each permutation is walked forwards and backwards (Mitchell et al., "Sampling permutations for Shapley value
estimation", 2022). Nothing is asked of a model but its answers, so that it may be any.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from domain.arrays import Array, Floats
from domain.labels import Label
from domain.prediction import Predictions
from domain.table import Table

# Other rows that one is set against. The error of a contribution falls with the root of their number.
MOST_OTHERS = 64
# What a model is given at once for one row.
_MOST_CELLS = 4_000_000
_SEED = 20
Predict = Callable[[Table], Predictions]


@dataclass(frozen=True, eq=False, slots=True)
class Explanations:
    """Of n rows, in their order: each tells of the number that was answered, or of the probability of the label that
    was predicted. base: float64[n], the mean answer to the other rows. contributions: column -> float64[n], what its
    value in the row adds to it; with the base they add up to the answer."""

    base: Floats
    contributions: Mapping[str, Floats]


def explanation_names(features: Iterable[str]) -> list[str]:
    """What the columns of explanations are called: of the base, then of the contribution of each feature."""
    return ["explanation_base", *(f"contribution_{name}" for name in features)]


def explain(predict: Predict, row: Table, label: Label | None, others: Table) -> tuple[float, Floats]:
    """row: one, with the columns that the model takes. label: the predicted one; None of a number. others: at least
    one, with the same columns. The same rows are explained the same way each time.

    Returns: the base, and float64[columns] with the contributions. Raises: what `predict` does."""
    names = list(row.columns)
    n_others = min(others.n_rows, MOST_OTHERS, max(1, _MOST_CELLS // (2 * len(names) * (len(names) + 1))))
    # Evenly, as they may come in the order in which they were added.
    chosen = others.take(np.linspace(0, others.n_rows - 1, n_others).round().astype(np.intp))
    ranks = np.random.default_rng(_SEED).permuted(np.tile(np.arange(len(names)), (n_others, 1)), axis=1)
    both_ways = np.stack([ranks, len(names) - 1 - ranks])
    scores = _scores(predict(_between(row, chosen, both_ways)), label)
    walked = scores.reshape(2, len(names) + 1, n_others)
    # [way, step, other row]: what taking over one more column changes; then by column.
    steps = np.diff(walked, axis=1).transpose(0, 2, 1)
    added: Floats = np.take_along_axis(steps, both_ways, axis=2).mean(axis=(0, 1))
    return float(walked[:, 0].mean()), added


def _between(row: Table, others: Table, ranks: Array) -> Table:
    """ranks: int[ways, other rows, columns], when a column is taken over from the row. Returns: for each way, each
    number of columns that were taken over, 0 to all, and each other row what it has become by then."""
    n_columns = ranks.shape[2]
    taken = ranks[:, None] < np.arange(n_columns + 1)[:, None, None]
    shape = taken.shape[:3]
    return Table({name: np.where(taken[..., place], row[name], np.broadcast_to(others[name], shape)).reshape(-1)
                  for place, name in enumerate(row.columns)})


def _scores(answers: Predictions, label: Label | None) -> Floats:
    """float64[n]: the probabilities of this label, or numbers."""
    if label is None:
        return answers.values.astype(np.float64)
    return answers.shares[:, answers.labels.index(label)].astype(np.float64)
