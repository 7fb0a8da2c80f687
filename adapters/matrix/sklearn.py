"""An estimator of scikit-learn, or any model of a matrix that is there as ONNX, in the form of a trainer's model."""
from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
import spox.opset.ai.onnx.v17 as op
from spox import Var, inline

from adapters.matrix.encoding import Matrix, MatrixEncoder, fit_scaled
from adapters.matrix.model import Curve, MatrixModel, OfMatrix, loss_of, quantiles, targets_of
from application.ports.trainer import TrainingFailed
from domain.kinds.kind import Problem
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task

_OPSETS = {"": 17, "ai.onnx.ml": 3}
_IMPORTANCE_ROWS = 2_000


def sklearn_model(task: Task, parts: Parts, estimator: Any, on_iteration: Callable[[int, int, float], None],
                  max_categories: int = 50) -> MatrixModel:
    """Fits an estimator (a pipeline is one) to `parts.train` and makes the task's model of it.

    It gets float32[n, width]: numbers scaled to a standard deviation of 1, missing ones 0 with a column that says so,
    categories one-hot (those of more than `max_categories` by the mean target); classes as 0, 1, 2, ... It has to be
    one that skl2onnx converts; whether the file answers as the estimator does is looked at after every training.
    Raises: TrainingFailed.
    """
    fit = _fit(task, estimator, max_categories)
    encoder, fitted = fit(parts.train)
    losses = [loss_of(task, targets_of(task, parts.train), fitted.answers(encoder.transform(parts.train))),
              loss_of(task, task.targets(parts.valid[task.schema.target.name]),
                      fitted.answers(encoder.transform(parts.valid)))]
    on_iteration(1, 1, losses[1])
    curve = [{"iteration": 1, "train": losses[0], "valid": losses[1]}]

    def refit(rows: Table) -> MatrixModel:
        return matrix_model(task, rows, *fit(rows), curve)

    return matrix_model(task, parts.train, encoder, fitted, curve, refit)


def matrix_model(task: Task, rows: Table, encoder: MatrixEncoder, fitted: OfMatrix, curve: Curve,
                 refit: Callable[[Table], MatrixModel] | None = None) -> MatrixModel:
    """The task's model of one of a matrix. rows: what it was fitted to; how much a column counts is found out by mixing
    it up there (L. Breiman, "Random Forests", Machine Learning 45, 2001)."""
    return MatrixModel(task, encoder, fitted, curve, _importance(task, rows, encoder, fitted), quantiles(task, rows),
                       refit)


class OnnxOfMatrix(OfMatrix):
    """A model file with one input float32[N, width] and, as its last output, float32[N, classes] (probabilities), or
    float32[N] or [N, 1] of a regression. answers: the same by the library that made it."""

    def __init__(self, file: onnx.ModelProto, answers: Callable[[Matrix], Any], native: bytes = b"") -> None:
        self._file, self._answers, self._native = file, answers, native

    def answers(self, matrix: Matrix) -> Matrix:
        return np.asarray(self._answers(matrix), dtype=np.float32)

    def in_graph(self, matrix: Var) -> Var:
        *_, answers = inline(self._file)(matrix).values()
        return answers

    def native(self) -> bytes:
        return self._native or self._file.SerializeToString(deterministic=True)


def _fit(task: Task, estimator: Any, max_categories: int) -> Callable[[Table], tuple[MatrixEncoder, OfMatrix]]:
    from sklearn.base import clone

    def fit(rows: Table) -> tuple[MatrixEncoder, OfMatrix]:
        encoder, matrix = fit_scaled(task, rows, max_categories)
        fitted = clone(estimator).fit(matrix, targets_of(task, rows))
        return encoder, _Converted(task, fitted, matrix[:1])

    return fit


class _Converted(OnnxOfMatrix):
    def __init__(self, task: Task, fitted: Any, sample: Matrix) -> None:
        self._places: Matrix | None = None
        classes: Sequence[int] = () if task.problem is Problem.REGRESSION else fitted.classes_
        if len(classes) < len(task.labels):  # what the training rows lack has no chance
            self._places = np.eye(len(task.labels), dtype=np.float32)[classes]
        predict = fitted.predict if task.problem is Problem.REGRESSION else fitted.predict_proba
        super().__init__(_converted(fitted, sample), lambda matrix: self._placed(predict(matrix)),
                         pickle.dumps(fitted, protocol=4))

    def _placed(self, answers: Any) -> Any:
        return answers if self._places is None else answers @ self._places

    def in_graph(self, matrix: Var) -> Var:
        answers = super().in_graph(matrix)
        return answers if self._places is None else op.matmul(answers, op.constant(value=self._places))


def _converted(fitted: Any, sample: Matrix) -> onnx.ModelProto:
    try:
        from skl2onnx import to_onnx
    except ImportError as failure:
        raise TrainingFailed("skl2onnx is not installed here: pip install 'progon[train]'") from failure
    options = {id(fitted): {"zipmap": False}} if hasattr(fitted, "predict_proba") else None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            converted: onnx.ModelProto = to_onnx(fitted, sample, options=options, target_opset=_OPSETS)
            return converted
    except Exception as failure:  # its failures have no base of their own
        raise TrainingFailed(f"skl2onnx cannot convert {type(fitted).__name__}: {failure}") from failure


def _importance(task: Task, rows: Table, encoder: MatrixEncoder, fitted: OfMatrix) -> dict[str, float]:
    random = np.random.default_rng(task.training.seed)
    some = rows.take(np.sort(random.permutation(rows.n_rows)[:_IMPORTANCE_ROWS]))
    targets, matrix = task.targets(some[task.schema.target.name]), encoder.transform(some)
    base, owners = loss_of(task, targets, fitted.answers(matrix)), np.array(encoder.owners)
    losses = {}
    for column in task.schema.features:
        mixed = matrix.copy()
        mixed[:, owners == column.name] = matrix[random.permutation(len(matrix))][:, owners == column.name]
        losses[column.name] = loss_of(task, targets, fitted.answers(mixed)) - base
    return losses
