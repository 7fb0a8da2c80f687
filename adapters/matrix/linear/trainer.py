"""Logistic and ridge regression of scikit-learn on scaled numbers and one-hot categories.

Penalties are tried from strong to weak, each beginning where the one before ended; `valid` chooses.
"""
from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v17 as op
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from spox import Var

from adapters.matrix.cards import LINEAR
from adapters.matrix.encoding import Matrix, MatrixEncoder, fit_scaled
from adapters.matrix.model import BOTH, Curve, MatrixModel, OfMatrix, loss_of, of_rows, quantiles, summed, targets_of
from application.ports.trainer import Trainer
from domain.arrays import Array, Floats
from domain.class_weights import class_weights
from domain.kinds.kind import Problem
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task
from domain.trainer_card import TrainerCard

_STEPS = 200
# What no class that the training rows lack gets beyond.
_NEVER = np.float32(-1e30)


class LinearTrainer(Trainer):
    def describe(self) -> TrainerCard:
        return LINEAR

    def fit(self, task: Task, parts: Parts, events: Path,
            on_iteration: Callable[[int, int, float], None]) -> MatrixModel:
        params: dict[str, Any] = LINEAR.resolved(task.training.params, task.kind, parts.n_rows, task.problem)
        encoder, matrix = fit_scaled(task, parts.train, params["max_categories"])
        targets, valid = targets_of(task, parts.train), encoder.transform(parts.valid)
        valid_targets = task.targets(parts.valid[task.schema.target.name])
        weights = class_weights(task, params["class_weights"], targets)
        path, curve, fits = _Path(task, params, of_rows(weights, targets)), list[dict[str, float]](), list[Linear]()
        for number in range(1, params["iterations"] + 1):
            fits.append(path.next(matrix, targets))
            losses = [loss_of(task, truth, fits[-1].answers(rows), of_rows(weights, truth))
                      for truth, rows in ((targets, matrix), (valid_targets, valid))]
            curve.append({"iteration": number, "train": losses[0], "valid": losses[1]})
            on_iteration(number, params["iterations"], losses[1])
        best = int(np.argmin([entry["valid"] for entry in curve]))
        return _model(task, encoder, matrix, parts.train, fits[best], curve,
                      lambda rows: _refit(task, params, best, curve, rows))


def _refit(task: Task, params: dict[str, Any], best: int, curve: Curve, rows: Table) -> MatrixModel:
    encoder, matrix = fit_scaled(task, rows, params["max_categories"])
    targets = targets_of(task, rows)
    weights = of_rows(class_weights(task, params["class_weights"], targets), targets)
    fitted = _Path(task, params, weights).at(best, matrix, targets)
    return _model(task, encoder, matrix, rows, fitted, curve)


def _model(task: Task, encoder: MatrixEncoder, matrix: Matrix, rows: Table, fitted: Linear, curve: Curve,
           refit: Callable[[Table], MatrixModel] | None = None) -> MatrixModel:
    sizes = np.abs(fitted.weights).max(axis=1) * matrix.std(axis=0)
    return MatrixModel(task, encoder, fitted, curve, summed(encoder.owners, sizes), quantiles(task, rows), refit)


class Linear(OfMatrix):
    """weights: float32[width, k]; bias: float32[k]. k: 1 for a regression and two classes, else the classes."""

    def __init__(self, problem: Problem, weights: Matrix, bias: NDArray[np.float32]) -> None:
        self._problem, self.weights, self._bias = problem, weights, bias

    def answers(self, matrix: Matrix) -> Matrix:
        scores = matrix @ self.weights + self._bias
        if self._problem is Problem.REGRESSION:
            return scores[:, 0]
        if self._problem is Problem.BINARY:
            with np.errstate(over="ignore"):
                return np.asarray(1 / (1 + np.exp(-scores * BOTH)), np.float32)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)

    def in_graph(self, matrix: Var) -> Var:
        both = BOTH if self._problem is Problem.BINARY else np.float32(1)
        scores = op.add(op.matmul(matrix, op.constant(value=self.weights * both)), op.constant(value=self._bias * both))
        if self._problem is Problem.REGRESSION:
            return scores
        return op.sigmoid(scores) if self._problem is Problem.BINARY else op.softmax(scores, axis=1)

    def native(self) -> bytes:
        return pickle.dumps({"weights": self.weights, "bias": self._bias}, protocol=4)


class _Path:
    """weights: of the rows."""

    def __init__(self, task: Task, params: dict[str, Any], weights: Floats | None) -> None:
        self._task, self._weights = task, weights
        self._penalties = params["strongest"] / 3.0 ** np.arange(params["iterations"])
        self._logistic = LogisticRegression(max_iter=_STEPS, warm_start=True)
        self._place = 0

    def next(self, matrix: Matrix, targets: Array) -> Linear:
        self._place += 1
        return self.at(self._place - 1, matrix, targets)

    def at(self, place: int, matrix: Matrix, targets: Array) -> Linear:
        penalty = float(self._penalties[place])
        if self._task.problem is Problem.REGRESSION:
            return _ridge(penalty, matrix, targets)
        self._logistic.set_params(C=1 / penalty)
        with warnings.catch_warnings():
            # After so many steps the answers no longer change in what they are asked for.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._logistic.fit(matrix.astype(np.float64), targets, self._weights)
        return _linear(self._task, self._logistic.coef_.T, self._logistic.intercept_, self._logistic.classes_)


def _ridge(penalty: float, matrix: Matrix, targets: Array) -> Linear:
    fitted = Ridge(alpha=penalty).fit(matrix.astype(np.float64), targets)
    return Linear(Problem.REGRESSION, fitted.coef_[:, None].astype(np.float32),
                  np.array([fitted.intercept_], np.float32))


def _linear(task: Task, weights: Array, bias: Array, classes: Sequence[int]) -> Linear:
    if task.problem is Problem.BINARY:
        return Linear(task.problem, weights.astype(np.float32), bias.astype(np.float32))
    if len(classes) == 2:  # of more classes, two alone were there: one margin for both
        weights, bias = np.hstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    all_weights = np.zeros((len(weights), len(task.labels)), np.float32)
    all_bias = np.full(len(task.labels), _NEVER, np.float32)
    all_weights[:, classes], all_bias[classes] = weights, bias
    return Linear(task.problem, all_weights, all_bias)
