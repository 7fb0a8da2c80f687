"""Multinomial logistic regression on features of length 1, with a quadratic penalty."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from domain.arrays import Floats

# (kernel and bias so far) after each step.
OnStep = Callable[["Head"], None]


@dataclass(frozen=True, eq=False, slots=True)
class Head:
    """kernel: float32[classes, features]; bias: float32[classes]."""

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        shares: NDArray[np.float32] = softmax(self._scores(features), axis=1)
        return shares

    def log_loss(self, features: NDArray[np.float32], targets: NDArray[np.int64], weights: Floats | None) -> float:
        """weights: of the rows."""
        logs = log_softmax(self._scores(features), axis=1)
        return float(np.average(-logs[np.arange(len(targets)), targets], weights=weights))

    def _scores(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        return features @ self.kernel.T + self.bias


def fit_head(features: NDArray[np.float32], targets: NDArray[np.int64], classes: int, penalty: float, steps: int,
             on_step: OnStep = lambda _: None, weights: Floats | None = None) -> Head:
    """features: [n, features] of length 1. targets: class positions. penalty: of half the squared kernel, against the
    sum of the log losses. weights: of the rows, 1 in their mean. Minimised by L-BFGS (Liu and Nocedal 1989) in `steps`
    steps at most."""
    rows, wanted = features.astype(np.float64), np.eye(classes)[targets]
    counting = np.ones((len(rows), 1)) if weights is None else weights[:, None]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        kernel, bias = _apart(flat, classes)
        logs = log_softmax(rows @ kernel.T + bias, axis=1)
        errors = (np.exp(logs) - wanted) * counting
        value = -(counting * wanted * logs).sum() + penalty / 2 * (kernel ** 2).sum()
        slope = np.column_stack([errors.T @ rows + penalty * kernel, errors.sum(axis=0)])
        return value / len(rows), slope.ravel() / len(rows)

    found = minimize(loss, np.zeros(classes * (rows.shape[1] + 1)), jac=True, method="L-BFGS-B",
                     callback=lambda flat: on_step(_head(flat, classes)),
                     options={"maxiter": steps, "gtol": 1e-5, "ftol": 1e-7})
    return _head(found.x, classes)


def _apart(flat: NDArray[np.float64], classes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    whole = flat.reshape(classes, -1)
    return whole[:, :-1], whole[:, -1]


def _head(flat: NDArray[np.float64], classes: int) -> Head:
    kernel, bias = _apart(flat, classes)
    return Head(np.ascontiguousarray(kernel, np.float32), bias.astype(np.float32))
