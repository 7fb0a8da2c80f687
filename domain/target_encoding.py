"""Categories as numbers: the mean target of a category, drawn towards the mean of all where the category is rare.

D. Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes", SIGKDD Explorations 3(1), 2001.
The formulas are those of scikit-learn's `TargetEncoder`.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Smoothing = float | Literal["auto"]
# Best or within 0.003 AUC of the best of 1, 5, 10, 20, 50 and "auto" on Telco churn and on 200 to 5,000 rows with rare
# categories. "auto" trusts a category of one row wholly, as its variance is zero, and was never the best.
DEFAULT_SMOOTHING: Smoothing = 5.0
# In a column of so few categories one of so many rows is encoded by all of them. Out of fold it would come as one value
# a fold, and the fold with more positive rows has the lower one: trees learn that, and it is nowhere else. What a row
# adds to its own category is little then. Worth 0.002 AUC on bank marketing and 0.016 accuracy on the status of staff;
# but in a column of thousands of categories (the planes of the flights) 50 rows of each lost 0.004 AUC.
FEW_CATEGORIES, COMMON_ROWS = 32, 20


@dataclass(frozen=True, eq=False)
class TargetEncoding:
    """What a column's categories stand for.

    categories: K strings, sorted, "" (missing) is one like any other; vectors: float32[K, k]; default: float32[k], for
    a category never seen. k is 1 (regression, binary) or the number of classes.
    """
    categories: tuple[str, ...]
    vectors: NDArray[np.float32]
    default: NDArray[np.float32]

    @property
    def width(self) -> int:
        return len(self.default)

    def transform(self, values: NDArray[np.object_]) -> NDArray[np.float32]:
        """values: object[str] (n,). Returns: float32[n, k]."""
        codes = {category: code for code, category in enumerate(self.categories)}
        rows = np.fromiter((codes.get(value, -1) for value in values.tolist()), np.int64, len(values))
        return np.concatenate([self.vectors, self.default[None]])[rows]


def joined(encodings: Sequence[TargetEncoding]) -> TargetEncoding:
    """What each of them makes of a category, side by side."""
    categories = tuple(sorted(set().union(*(encoding.categories for encoding in encodings))))
    values = np.array(categories, dtype=object)
    return TargetEncoding(categories, np.concatenate([encoding.transform(values) for encoding in encodings], axis=1),
                          np.concatenate([encoding.default for encoding in encodings]))


def fit(values: NDArray[np.object_], targets: NDArray[np.float64], smoothing: Smoothing = DEFAULT_SMOOTHING
        ) -> TargetEncoding:
    """values: object[str] (n,), n > 0; targets: float64[n, k]. smoothing: as in `cross_fit`."""
    categories, codes = _codes(values)
    totals = _Sums.of(codes, len(categories), targets)
    vectors, default = totals.encodings(smoothing)
    return TargetEncoding(categories, vectors.astype(np.float32), default.astype(np.float32))


def cross_fit(
    values: NDArray[np.object_], targets: NDArray[np.float64], folds: int, seed: int,
    smoothing: Smoothing = DEFAULT_SMOOTHING,
) -> tuple[NDArray[np.float32], TargetEncoding]:
    """Encodings to train on, where no row has seen its own target, and the encoding of all rows to serve with.

    values: object[str] (n,), n > 0; targets: float64[n, k]. smoothing: how many rows of the overall mean each category
    is mixed with, or "auto": as many as the variances within and between ask for (empirical Bayes).
    Returns: float32[n, k] out of fold, and the encoding fitted on all n rows. The same seed gives the same folds.
    """
    categories, codes = _codes(values)
    whole = _Sums.of(codes, len(categories), targets)
    encoded = np.empty(targets.shape, np.float32)
    fold_of = balanced_folds(targets, folds, seed)
    for fold in np.unique(fold_of) if len(values) > 1 else ():
        held_out = fold_of == fold
        rest = whole.without(_Sums.of(codes[held_out], len(categories), targets[held_out]))
        encoded[held_out] = rest.encodings(smoothing)[0][codes[held_out]]
    vectors, default = whole.encodings(smoothing)
    if len(values) == 1:  # nothing to learn from but itself
        encoded[:] = default
    return encoded, TargetEncoding(categories, vectors.astype(np.float32), default.astype(np.float32))


def encode_for_training(
    values: NDArray[np.object_], targets: NDArray[np.float64], folds: int, seed: int,
    smoothing: Smoothing = DEFAULT_SMOOTHING,
) -> tuple[NDArray[np.float32], TargetEncoding]:
    """As `cross_fit`, but in a column of few categories the common ones are encoded by all rows, as they are served."""
    encoded, encoding = cross_fit(values, targets, folds, seed, smoothing)
    categories, codes = _codes(values)
    if len(categories) <= FEW_CATEGORIES:
        common = np.bincount(codes)[codes] >= COMMON_ROWS
        encoded[common] = encoding.vectors[codes[common]]
    return encoded, encoding


@dataclass(frozen=True, eq=False)
class _Sums:
    """Per category: the number of rows [K, 1], the sums of the targets and of their squares [K, k]."""
    counts: NDArray[np.float64]
    sums: NDArray[np.float64]
    squares: NDArray[np.float64]

    @classmethod
    def of(cls, codes: NDArray[np.int64], n_categories: int, targets: NDArray[np.float64]) -> _Sums:
        def total(column: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.bincount(codes, weights=column, minlength=n_categories).astype(np.float64, copy=False)

        return cls(np.bincount(codes, minlength=n_categories)[:, None].astype(np.float64),
                   np.stack([total(column) for column in targets.T], axis=1),
                   np.stack([total(column ** 2) for column in targets.T], axis=1))

    def without(self, other: _Sums) -> _Sums:
        return _Sums(self.counts - other.counts, self.sums - other.sums, self.squares - other.squares)

    def encodings(self, smoothing: Smoothing) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """float64[K, k] and the overall mean float64[k], which is also what a category without rows gets."""
        n_rows = self.counts.sum()
        overall = self.sums.sum(axis=0) / n_rows
        if smoothing != "auto":
            return _mix(self.sums + smoothing * overall, self.counts + smoothing, overall), overall
        means = _mix(self.sums, self.counts, overall)
        within = np.maximum(_mix(self.squares, self.counts, means ** 2) - means ** 2, 0.0)
        across = np.maximum(self.squares.sum(axis=0) / n_rows - overall ** 2, 0.0)
        trust = _mix(across * self.counts, across * self.counts + within, np.zeros_like(across))
        return trust * means + (1.0 - trust) * overall, overall


def _mix(numerator: NDArray[np.float64], denominator: NDArray[np.float64], otherwise: NDArray[np.float64]
         ) -> NDArray[np.float64]:
    """numerator / denominator, `otherwise` where nothing stands below."""
    shape = np.broadcast_shapes(numerator.shape, denominator.shape)
    out = np.broadcast_to(otherwise, shape).astype(np.float64)
    np.divide(numerator, denominator, out=out, where=np.broadcast_to(denominator > 0, shape))
    return out


def _codes(values: NDArray[np.object_]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Sorted categories and each row's place in them; through a dict, ten times as fast as np.unique on strings."""
    cells = values.tolist()
    categories = tuple(sorted(set(cells)))
    place = {category: code for code, category in enumerate(categories)}
    return categories, np.fromiter(map(place.__getitem__, cells), np.int64, len(cells))


def balanced_folds(targets: NDArray[np.float64], folds: int, seed: int) -> NDArray[np.int64]:
    """int64[n]: rows ordered by target, ties shuffled, and each run of `folds` rows dealt out to all folds by lot.

    With unequal shares of the targets the mean of the other folds would tell a row about its own.
    """
    n_rows, rng = len(targets), np.random.default_rng(seed)
    target = targets @ np.arange(1.0, targets.shape[1] + 1.0)
    order = np.lexsort((rng.permutation(n_rows), target))
    deals = rng.random((-(-n_rows // folds), folds)).argsort(axis=1)
    fold_of = np.empty(n_rows, np.int64)
    fold_of[order] = deals.ravel()[:n_rows]
    return fold_of
