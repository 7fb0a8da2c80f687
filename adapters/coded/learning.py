"""The linear model of the tokens of a column of texts, and its scores of texts that it has not seen."""
from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from threadpoolctl import threadpool_limits

from adapters.coded.text_code import UNIT, TextCode, counts, roots, sorts_of
from adapters.coded.tokens import OF_WORDS, Alphabet, Group, Integers, lengths, word_counts
from domain.arrays import Array
from domain.target_encoding import balanced_folds

Floats = NDArray[np.float64]
# Of each group of tokens those in most texts, of all of them and all classes so many weights.
MAX_TOKENS, MAX_WEIGHTS, LEAST_TEXTS = 50_000, 2_000_000, 2
# Tried on one fold, as how much the words say is not known before. From strong to weak.
PENALTIES = (10.0, 3.0, 1.0, 0.3)
# Of all texts that are learned from.
MAX_CHARACTERS = 5_000_000
FOLDS, _STEPS, _EXACTNESS = 5, 200, 1e-3
# The score of a class that the other folds have not.
_NEVER = -10.0


def fit_texts(values: Array, targets: Array, classes: int, seed: int) -> tuple[NDArray[np.float32], TextCode]:
    """values: object[n] of str; targets: float64[n], of classes their positions. classes: 0 for a regression.
    Returns: what to train on, where no text is scored by a model that has seen its target, and the code of all."""
    chosen = _some(lengths(values.tolist()), seed)
    # One thread is faster with vectors of this size, and the sums do not depend on how many there are.
    with threadpool_limits(1, user_api="blas"):
        learned, code = _fitted(values[chosen].tolist(), targets[chosen], classes, seed)
    if chosen.all():
        return learned, code
    matrix = np.empty((len(values), learned.shape[1]), np.float32)
    matrix[chosen], matrix[~chosen] = learned, code.transform(values[~chosen])
    return matrix, code


def _some(sizes: Integers, seed: int) -> NDArray[np.bool_]:
    """Which texts are learned from: all, or so many by lot as memory and time allow. The others are as new to the code
    as any."""
    order = np.random.default_rng(seed).permutation(len(sizes))
    chosen = np.empty(len(sizes), bool)
    chosen[order] = np.cumsum(sizes[order]) <= MAX_CHARACTERS
    return chosen


def _fitted(texts: Sequence[str], targets: Array, classes: int, seed: int) -> tuple[NDArray[np.float32], TextCode]:
    tokens = _Tokens.of(texts, max(classes if classes > 2 else 1, 1))
    model = _Model(tokens.matrix, targets, classes)
    fold_of = balanced_folds(targets[:, None].astype(np.float64), FOLDS, seed)
    penalty = model.best(fold_of == fold_of.min())
    scores = np.zeros((len(texts), model.width))
    for fold in np.unique(fold_of):
        held_out = fold_of == fold
        weights, bias = model.fit(~held_out, penalty)
        scores[held_out] = tokens.matrix[held_out] @ weights + bias
    weights, bias = model.fit(np.full(len(texts), True), penalty)
    code = tokens.code(weights, bias, sorts_of(texts))
    return np.hstack([scores.astype(np.float32), counts(texts, code.sorts)]), code


@dataclass(frozen=True, eq=False)
class _Tokens:
    """matrix: sparse float64[n, tokens]; inverse: float64[tokens], how rare each is (K. Spärck Jones, "A statistical
    interpretation of term specificity", Journal of Documentation 28, 1972)."""

    alphabet: Alphabet
    keys: Sequence[Integers]
    inverse: Floats
    matrix: Any

    @classmethod
    def of(cls, texts: Sequence[str], width: int) -> _Tokens:
        alphabet = Alphabet.of(texts)
        groups = alphabet.groups(texts)
        most = min(MAX_TOKENS, MAX_WEIGHTS // width // len(groups))
        keys, inverses, parts = list[Integers](), list[Floats](), list[Any]()
        for number, group in enumerate(groups):
            root = roots(word_counts(texts) if number < OF_WORDS else lengths(texts))
            kept, in_texts = _common(group, most)
            inverse = np.log((1 + len(texts)) / (1 + in_texts)) + 1
            keys.append(kept)
            inverses.append(inverse)
            parts.append(_matrix(group, kept, inverse, root))
        return cls(alphabet, keys, np.concatenate(inverses), sparse.hstack(parts).tocsr())

    def code(self, weights: Floats, bias: Floats, sorts: dict[str, int]) -> TextCode:
        whole = np.rint(weights * self.inverse[:, None] * UNIT).astype(np.int64)
        return TextCode(self.alphabet, self.keys, whole, bias, sorts)


def _common(group: Group, most: int) -> tuple[Integers, Integers]:
    """The tokens that are in some texts, ascending, and in how many."""
    keys, places = np.unique(group.keys, return_inverse=True)
    if not len(keys):
        return keys, keys
    in_texts = np.bincount(np.unique(group.rows * len(keys) + places) % len(keys), minlength=len(keys))
    chosen = np.sort(np.lexsort((keys, -in_texts))[:most])
    chosen = chosen[in_texts[chosen] >= LEAST_TEXTS]
    return keys[chosen], in_texts[chosen]


def _matrix(group: Group, keys: Integers, inverse: Floats, root: Floats) -> Any:
    rows, places = group.known(keys)
    cells = inverse[places] / root[rows]
    return sparse.csr_matrix((cells, (rows, places)), (len(root), len(keys)))


class _Model:
    """width: how many scores it gives; 1 of a regression, where the target is taken in standard deviations from its
    mean, and of two classes."""

    def __init__(self, matrix: Any, targets: Array, classes: int) -> None:
        self._matrix, self._classes = matrix, classes
        self.width = classes if classes > 2 else 1
        if not classes:
            targets = (targets - targets.mean()) / (targets.std() or 1.0)
        self._targets = targets

    def best(self, held_out: Array) -> float:
        """The penalty with the least loss there."""
        losses = []
        for penalty in PENALTIES:
            weights, bias = self.fit(~held_out, penalty)
            losses.append(self._loss(self._matrix[held_out] @ weights + bias, self._targets[held_out]))
        return PENALTIES[int(np.argmin(losses))] if np.isfinite(losses).all() else PENALTIES[0]

    def fit(self, rows: Array, penalty: float) -> tuple[Floats, Floats]:
        """float64[tokens, width], float64[width]"""
        matrix, targets = self._matrix[rows], self._targets[rows]
        if not matrix.shape[1] or len(np.unique(targets)) < 2:
            return np.zeros((matrix.shape[1], self.width)), np.zeros(self.width)
        if not self._classes:
            return _ridge(matrix, targets, penalty)
        fitted = LogisticRegression(C=1 / penalty, max_iter=_STEPS, tol=_EXACTNESS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # after so many steps the scores hardly change
            fitted.fit(matrix, targets)
        return self._placed(fitted)

    def _placed(self, fitted: LogisticRegression) -> tuple[Floats, Floats]:
        """Each class in its place, also where the rows lack some."""
        weights, bias = fitted.coef_.T, fitted.intercept_
        if self._classes == 2:
            return weights, bias
        if len(fitted.classes_) == 2:
            weights, bias = np.hstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
        all_weights, all_bias = np.zeros((len(weights), self.width)), np.full(self.width, _NEVER)
        all_weights[:, fitted.classes_], all_bias[fitted.classes_] = weights, bias
        return all_weights, all_bias

    def _loss(self, scores: Floats, targets: Array) -> float:
        if not self._classes:
            return float(np.mean((scores[:, 0] - targets) ** 2))
        margins = np.hstack([np.zeros_like(scores), scores]) if self._classes == 2 else scores
        return float(np.mean(np.logaddexp.reduce(margins, axis=1) - margins[np.arange(len(targets)), targets]))


def _ridge(matrix: Any, targets: Array, penalty: float) -> tuple[Floats, Floats]:
    mean = float(targets.mean())
    fitted = Ridge(alpha=penalty, fit_intercept=False, solver="lsqr", tol=_EXACTNESS).fit(matrix, targets - mean)
    return np.asarray(fitted.coef_, np.float64)[:, None], np.array([mean])
