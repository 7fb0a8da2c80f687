"""A model of a matrix as a model of raw columns: one ONNX graph with the encoding in front."""
from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import onnx
import spox.opset.ai.onnx.v17 as op
from numpy.typing import NDArray
from spox import Var, build

from adapters.matrix.encoding import Matrix, MatrixEncoder
from application.ports.trainer import TrainedModel, TrainingFailed
from domain.arrays import Array, Floats
from domain.columns.rules import Form
from domain.kinds.kind import Problem
from domain.prediction import Predictions
from domain.scoring import score
from domain.table import Table
from domain.task import Task

IR_VERSION = 8
_LEAST_CHANCE = 1e-15
# The margins of two classes, of the one of the second.
BOTH: NDArray[np.float32] = np.array([[-1, 1]], np.float32)
Curve = Sequence[Mapping[str, float]]


class OfMatrix(ABC):
    """What was fitted: the same function of a matrix twice."""

    @abstractmethod
    def answers(self, matrix: Matrix) -> Matrix:
        """float32[n, classes], or float32[n] of a regression."""

    @abstractmethod
    def in_graph(self, matrix: Var) -> Var:
        """The same of float32[N, width]."""

    @abstractmethod
    def native(self) -> bytes:
        """In a form of its own."""


class MatrixModel(TrainedModel):
    """importance: of columns, of any size; borders: of numbers, at which the model may change its mind."""

    def __init__(self, task: Task, encoder: MatrixEncoder, fitted: OfMatrix, curve: Curve,
                 importance: Mapping[str, float], borders: Mapping[str, NDArray[np.float32]],
                 refit: Callable[[Table], TrainedModel] | None = None) -> None:
        self._task, self._encoder, self._fitted = task, encoder, fitted
        self.learning_curve, self.borders, self.refit = curve, borders, refit
        self.importance = _shares(task, importance)

    def predict(self, table: Table) -> Predictions:
        return predictions(self._task, self._fitted.answers(self._encoder.transform(table)))

    def export(self) -> bytes:
        inputs = self._encoder.arguments()
        answers = self._fitted.in_graph(self._encoder.in_graph(inputs))
        model = build(inputs, _outputs(self._task, answers))
        return bytes(_finished(model, self._task).SerializeToString(deterministic=True))

    def native(self) -> bytes:
        return self._fitted.native()


def predictions(task: Task, answers: Matrix) -> Predictions:
    if task.problem is Problem.REGRESSION:
        return Predictions(answers.astype(np.float32), None, ())
    return Predictions(_names(task)[answers.argmax(axis=1)], answers.astype(np.float32), task.labels)


def loss_of(task: Task, targets: Array, answers: Matrix, weights: Floats | None = None) -> float:
    """What the learning curve shows. weights: of the rows, of a task with classes."""
    if weights is not None:
        chances = np.clip(answers[np.arange(len(targets)), targets].astype(np.float64), _LEAST_CHANCE, 1)
        return float(np.average(-np.log(chances), weights=weights))
    return float(score(task, targets, predictions(task, answers))[task.rules.loss])


def of_rows(weights: Floats | None, targets: Array) -> Floats | None:
    """weights: of the classes."""
    return None if weights is None else weights[targets]


def targets_of(task: Task, table: Table) -> Array:
    """Raises: TrainingFailed if all are the same."""
    targets = task.targets(table[task.schema.target.name])
    if len(np.unique(targets)) < 2:
        raise TrainingFailed(f"all {len(targets)} training rows have the same {task.schema.target.name}; "
                             "there is nothing to learn")
    return targets


def quantiles(task: Task, table: Table, count: int = 8) -> dict[str, NDArray[np.float32]]:
    """Some values of each column of numbers, for a model whose borders are not known."""
    found = {}
    for column in task.schema.features:
        if column.rules.form is Form.NUMBERS:
            known = np.unique(table[column.name][~np.isnan(table[column.name])])
            chosen = known[np.linspace(0, len(known) - 1, min(count, len(known))).astype(int)] if len(known) else [0.0]
            found[column.name] = np.asarray(chosen, np.float32)
    return found


def summed(owners: Sequence[str], values: Array) -> dict[str, float]:
    """Of the columns of the matrix, by the column that they come from."""
    return {name: float(sum(value for owner, value in zip(owners, values, strict=True) if owner == name))
            for name in dict.fromkeys(owners)}


def _shares(task: Task, importance: Mapping[str, float]) -> dict[str, float]:
    """Nothing counts where nothing was learned: then all columns count alike."""
    names = [column.name for column in task.schema.features]
    sizes = np.array([max(float(importance.get(name, 0.0)), 0.0) for name in names])
    sizes = sizes if sizes.sum() > 0 else np.ones(len(names))
    return dict(zip(names, (sizes / sizes.sum()).tolist(), strict=True))


def _names(task: Task) -> Array:
    return np.array(task.labels, dtype=object if isinstance(task.labels[0], str) else np.int64)


def _outputs(task: Task, answers: Var) -> dict[str, Var]:
    if task.problem is Problem.REGRESSION:
        return {"prediction": op.reshape(answers, op.constant(value=np.array([-1])))}
    names = np.array(task.labels) if isinstance(task.labels[0], str) else np.array(task.labels, np.int64)
    best = op.arg_max(answers, axis=1, keepdims=0)
    return {"prediction": op.gather(op.constant(value=names), best), "probabilities": op.identity(answers)}


def _finished(model: onnx.ModelProto, task: Task) -> onnx.ModelProto:
    """Declared output shapes, fixed names and sorted metadata: nothing that differs from run to run."""
    model.ir_version = IR_VERSION
    model.producer_name, model.producer_version, model.graph.name = "progon", "", "model"
    for output in model.graph.output:
        shape: list[str | int] = ["N", len(task.labels)] if output.name == "probabilities" else ["N"]
        output.CopyFrom(onnx.helper.make_tensor_value_info(output.name, output.type.tensor_type.elem_type, shape))
    onnx.helper.set_model_props(model, dict(sorted(_metadata(task).items())))
    onnx.checker.check_model(model, full_check=True)
    return model


def _metadata(task: Task) -> dict[str, str]:
    signature = [{"name": column.name, "type": str(column.type), "nullable": column.nullable}
                 for column in task.schema.features]
    return {
        "task": task.name, "problem": str(task.problem), "labels": json.dumps(list(task.labels), ensure_ascii=False),
        "signature": json.dumps(signature, ensure_ascii=False),
    }
