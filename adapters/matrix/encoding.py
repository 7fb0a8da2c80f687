"""Raw columns as a matrix of numbers: what each column becomes, for numpy and inside an ONNX graph alike."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import spox.opset.ai.onnx.ml.v3 as ml
import spox.opset.ai.onnx.v17 as op
from numpy.typing import NDArray
from spox import Tensor, Var, argument

from domain.arrays import Array
from domain.columns.rules import Form
from domain.kinds.kind import Problem
from domain.schema import Column
from domain.table import Table
from domain.target_encoding import TargetEncoding, cross_fit, encode_for_training
from domain.task import Task

Matrix = NDArray[np.float32]
# A number that is farther from the mean counts as if it were so many standard deviations away: one cell with a slip of
# the pen must not decide alone, and sums in float32 stay exact enough.
FARTHEST = 20.0


class Code(ABC):
    """What one column becomes: `width` columns of the matrix."""

    width: int

    @abstractmethod
    def of(self, values: Array) -> Matrix:
        """float32[n, width]"""

    @abstractmethod
    def in_graph(self, column: Var) -> Var:
        """The same of a column [N, 1]."""


class AsItIs(Code):
    width = 1

    def of(self, values: Array) -> Matrix:
        return values.astype(np.float32)[:, None]

    def in_graph(self, column: Var) -> Var:
        return column


@dataclass(frozen=True)
class Scaled(Code):
    """Standard deviations from the mean; a missing number is the mean, and if any was missing in training, another
    column says so."""

    mean: np.float32
    factor: np.float32
    flagged: bool

    @classmethod
    def fit(cls, values: Array) -> Scaled:
        known = values[~np.isnan(values)].astype(np.float64)
        spread = known.std() if len(known) else 0.0
        return cls(np.float32(known.mean() if len(known) else 0.0), np.float32(1 / spread if spread > 0 else 0.0),
                   bool(len(known) < len(values)))

    @property
    def width(self) -> int:  # type: ignore[override]
        return 2 if self.flagged else 1

    def of(self, values: Array) -> Matrix:
        column = values.astype(np.float32)[:, None]
        missing = np.isnan(column)
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = np.clip((column - self.mean) * self.factor, -FARTHEST, FARTHEST)
        scaled = np.where(missing | np.isnan(scaled), np.float32(0), scaled).astype(np.float32)
        return np.hstack([scaled, missing.astype(np.float32)]) if self.flagged else scaled

    def in_graph(self, column: Var) -> Var:
        missing = op.isnan(column)
        scaled = op.clip(op.mul(op.sub(column, _number(self.mean)), _number(self.factor)),
                         _number(-FARTHEST), _number(FARTHEST))
        scaled = op.where(op.or_(missing, op.isnan(scaled)), _number(0), scaled)
        return op.concat([scaled, op.cast(missing, to=np.float32)], axis=1) if self.flagged else scaled


@dataclass(frozen=True)
class ByCategory(Code):
    """Each category has its vector, and those never seen share one."""

    encoding: TargetEncoding

    @classmethod
    def one_hot(cls, values: Array) -> ByCategory:
        categories = tuple(sorted(set(values.tolist())))
        return cls(TargetEncoding(categories, np.eye(len(categories), dtype=np.float32),
                                  np.zeros(len(categories), np.float32)))

    @property
    def width(self) -> int:  # type: ignore[override]
        return self.encoding.width

    def of(self, values: Array) -> Matrix:
        return self.encoding.transform(values)

    def in_graph(self, column: Var) -> Var:
        numbers = ml.label_encoder(
            column, keys_strings=self.encoding.categories, values_int64s=range(len(self.encoding.categories)),
            default_int64=len(self.encoding.categories))
        table = np.concatenate([self.encoding.vectors, self.encoding.default[None]]).astype(np.float32)
        return op.gather(op.constant(value=table), op.reshape(numbers, op.constant(value=np.array([-1]))), axis=0)


class MatrixEncoder:
    """Of the feature columns of a task, in their order."""

    def __init__(self, columns: Sequence[Column], codes: Mapping[str, Code]) -> None:
        self._columns, self.codes = columns, codes

    @property
    def owners(self) -> list[str]:
        """The column that each column of the matrix comes from."""
        return [column.name for column in self._columns for _ in range(self.codes[column.name].width)]

    def transform(self, table: Table, instead: Mapping[str, Matrix] | None = None) -> Matrix:
        """float32[n, width]. instead: of some columns what they are in training."""
        of = instead or {}
        return np.hstack([of[column.name] if column.name in of else self.codes[column.name].of(table[column.name])
                          for column in self._columns]).astype(np.float32, copy=False)

    def arguments(self) -> dict[str, Var]:
        """Inputs of a graph, one a column under its name."""
        return {column.name: argument(Tensor(np.float32 if column.rules.form is Form.NUMBERS else np.str_, ("N", 1)))
                for column in self._columns}

    def in_graph(self, inputs: Mapping[str, Var]) -> Var:
        return op.concat([self.codes[name].in_graph(inputs[name]) for name in inputs], axis=1)


def fit_plain(task: Task, table: Table, folds: int) -> tuple[MatrixEncoder, Matrix]:
    """For trees: numbers as they are, categories by the mean target. Returns: the encoder, and the matrix to train on,
    in which no row knows of its own target."""
    codes: dict[str, Code] = {}
    in_training: dict[str, Matrix] = {}
    for column in task.schema.features:
        if column.rules.form is Form.TEXTS:
            in_training[column.name], encoding = encode_for_training(
                table[column.name], wanted(task, table), folds, task.training.seed)
            codes[column.name] = ByCategory(encoding)
        else:
            codes[column.name] = AsItIs()
    encoder = MatrixEncoder(task.schema.features, codes)
    return encoder, encoder.transform(table, in_training)


def fit_scaled(task: Task, table: Table, max_categories: int = 50, folds: int = 5) -> tuple[MatrixEncoder, Matrix]:
    """For all that wants numbers of one size and none missing: numbers scaled, categories one-hot, in a column of more
    than `max_categories` by the mean target. Returns: as `fit_plain`."""
    codes: dict[str, Code] = {}
    in_training: dict[str, Matrix] = {}
    for column in task.schema.features:
        values = table[column.name]
        if column.rules.form is not Form.TEXTS:
            codes[column.name] = Scaled.fit(values)
        elif len(set(values.tolist())) <= max_categories:
            codes[column.name] = ByCategory.one_hot(values)
        else:
            in_training[column.name], encoding = cross_fit(values, wanted(task, table), folds, task.training.seed)
            codes[column.name] = ByCategory(encoding)
    encoder = MatrixEncoder(task.schema.features, codes)
    return encoder, encoder.transform(table, in_training)


def wanted(task: Task, table: Table) -> NDArray[np.float64]:
    """float64[n, k]: the target of a regression and of two classes, else a column a class."""
    targets = task.targets(table[task.schema.target.name])
    if task.problem is Problem.MULTICLASS:
        return np.eye(len(task.labels))[targets]
    return targets.astype(np.float64)[:, None]


def _number(value: float | np.float32) -> Var:
    return op.constant(value=np.array(value, np.float32))
