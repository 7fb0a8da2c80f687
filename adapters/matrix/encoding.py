"""Raw columns as a matrix of numbers: what each column becomes, for numpy and inside an ONNX graph alike."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

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
    """What one column becomes: `width` columns of the matrix.

    In a graph it is one number first, and then all columns of the same code are turned at once: a node costs a row more
    than what it works out. Graphs that begin so are run from one matrix (adapters/onnx/split.py).
    """

    width = 1
    # Whether the number is not yet what the matrix has.
    turned = True

    @abstractmethod
    def of(self, values: Array) -> Matrix:
        """float32[n, width]"""

    def number(self, column: Var) -> Var:
        """Of a column [N, 1] float32[N, 1]."""
        return column

    @classmethod
    def together(cls, codes: Sequence[Any], numbers: Var) -> Var:
        """float32[N, sum of widths]. codes: of this class, or none of them `turned`. numbers: float32[N, codes], what
        `number` gave."""
        return numbers


class AsItIs(Code):
    turned = False

    def of(self, values: Array) -> Matrix:
        return values.astype(np.float32)[:, None]


@dataclass(frozen=True)
class Scaled(Code):
    """Standard deviations from the mean; a missing number is the mean."""

    mean: np.float32
    factor: np.float32

    @classmethod
    def fit(cls, values: Array) -> Scaled:
        known = values[~np.isnan(values)].astype(np.float64)
        spread = known.std() if len(known) else 0.0
        return cls(np.float32(known.mean() if len(known) else 0.0), np.float32(1 / spread if spread > 0 else 0.0))

    def of(self, values: Array) -> Matrix:
        column = values.astype(np.float32)[:, None]
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = np.clip((column - self.mean) * self.factor, -FARTHEST, FARTHEST)
        return np.where(np.isnan(scaled), np.float32(0), scaled).astype(np.float32)

    @classmethod
    def together(cls, codes: Sequence[Scaled], numbers: Var) -> Var:
        means, factors = (op.constant(value=np.array([values], np.float32)) for values in (
            [code.mean for code in codes], [code.factor for code in codes]))
        scaled = op.mul(op.sub(numbers, means), factors)
        return op.where(op.isnan(scaled), _number(0), op.clip(scaled, _number(-FARTHEST), _number(FARTHEST)))


class Missing(Code):
    """1 for a number that is missing, else 0."""

    def of(self, values: Array) -> Matrix:
        return np.isnan(values).astype(np.float32)[:, None]

    @classmethod
    def together(cls, codes: Sequence[Missing], numbers: Var) -> Var:
        return op.cast(op.isnan(numbers), to=np.float32)


@dataclass(frozen=True)
class ByNumber(Code):
    """Each category has its number, and those never seen share one."""

    encoding: TargetEncoding
    turned = False

    def of(self, values: Array) -> Matrix:
        return self.encoding.transform(values)

    def number(self, column: Var) -> Var:
        return _encoded(column, self.encoding, self.encoding.vectors[:, 0].tolist(), self.encoding.default[0])


@dataclass(frozen=True)
class ByVector(Code):
    """Each category has its vector, and those never seen share one."""

    encoding: TargetEncoding

    @property
    def width(self) -> int:  # type: ignore[override]
        return self.encoding.width

    def of(self, values: Array) -> Matrix:
        return self.encoding.transform(values)

    def number(self, column: Var) -> Var:
        """The place of its vector."""
        size = len(self.encoding.categories)
        return _encoded(column, self.encoding, range(size), size)

    @classmethod
    def together(cls, codes: Sequence[ByVector], numbers: Var) -> Var:
        flat = op.constant(value=np.array([-1]))
        places = (op.cast(op.reshape(_columns(numbers, at, at + 1), flat), to=np.int64) for at in range(len(codes)))
        return op.concat([op.gather(op.constant(value=code._table()), place, axis=0)
                          for code, place in zip(codes, places, strict=True)], axis=1)

    def _table(self) -> Matrix:
        return np.concatenate([self.encoding.vectors, self.encoding.default[None]]).astype(np.float32)


def by_category(encoding: TargetEncoding) -> Code:
    return ByNumber(encoding) if encoding.width == 1 else ByVector(encoding)


def one_hot(values: Array) -> Code:
    categories = tuple(sorted(set(values.tolist())))
    size = len(categories)
    return by_category(TargetEncoding(categories, np.eye(size, dtype=np.float32), np.zeros(size, np.float32)))


def _encoded(column: Var, encoding: TargetEncoding, numbers: Iterable[float], other: float) -> Var:
    return ml.label_encoder(column, keys_strings=encoding.categories, values_floats=list(map(float, numbers)),
                            default_float=float(other))


class MatrixEncoder:
    """Of the feature columns of a task. codes: of each column what it becomes, one thing or several."""

    def __init__(self, columns: Sequence[Column], codes: Mapping[str, Sequence[Code]]) -> None:
        self._columns = columns
        # Those of a kind stand together, the others as their columns do.
        self._codes = sorted(((column.name, code) for column in columns for code in codes[column.name]),
                             key=lambda named: _kind(named[1]))

    @property
    def owners(self) -> list[str]:
        """The column that each column of the matrix comes from."""
        return [name for name, code in self._codes for _ in range(code.width)]

    def transform(self, table: Table, instead: Mapping[str, Matrix] | None = None) -> Matrix:
        """float32[n, width]. instead: of some columns what they are in training."""
        of = instead or {}
        return np.hstack([of[name] if name in of else code.of(table[name])
                          for name, code in self._codes]).astype(np.float32, copy=False)

    def arguments(self) -> dict[str, Var]:
        """Inputs of a graph, one a column under its name."""
        return {column.name: argument(Tensor(np.float32 if column.rules.form is Form.NUMBERS else np.str_, ("N", 1)))
                for column in self._columns}

    def in_graph(self, inputs: Mapping[str, Var]) -> Var:
        numbers = op.concat([code.number(inputs[name]) for name, code in self._codes], axis=1)
        parts, start = list[Var](), 0
        for _, named in groupby(self._codes, key=lambda named: _kind(named[1])):
            codes = [code for _, code in named]
            # A slice of all of them would be a node for nothing.
            part = numbers if len(codes) == len(self._codes) else _columns(numbers, start, start + len(codes))
            parts.append(type(codes[0]).together(codes, part))
            start += len(codes)
        return parts[0] if len(parts) == 1 else op.concat(parts, axis=1)


def _kind(code: Code) -> str:
    """Empty where there is nothing to turn."""
    return type(code).__name__ if code.turned else ""


def _columns(matrix: Var, start: int, stop: int) -> Var:
    begin, end, axis = (op.constant(value=np.array([value])) for value in (start, stop, 1))
    return op.slice(matrix, begin, end, axis)


def fit_plain(task: Task, table: Table, folds: int) -> tuple[MatrixEncoder, Matrix]:
    """For trees: numbers as they are, categories by the mean target. Returns: the encoder, and the matrix to train on,
    in which no row knows of its own target."""
    codes: dict[str, Sequence[Code]] = {}
    in_training: dict[str, Matrix] = {}
    for column in task.schema.features:
        if column.rules.form is Form.TEXTS:
            in_training[column.name], encoding = encode_for_training(
                table[column.name], wanted(task, table), folds, task.training.seed)
            codes[column.name] = [by_category(encoding)]
        else:
            codes[column.name] = [AsItIs()]
    encoder = MatrixEncoder(task.schema.features, codes)
    return encoder, encoder.transform(table, in_training)


def fit_scaled(task: Task, table: Table, max_categories: int = 50, folds: int = 5) -> tuple[MatrixEncoder, Matrix]:
    """For all that wants numbers of one size and none missing: numbers scaled, those of which some are missing with
    another column that says where, categories one-hot, in a column of more than `max_categories` by the mean target.
    Returns: as `fit_plain`."""
    codes: dict[str, Sequence[Code]] = {}
    in_training: dict[str, Matrix] = {}
    for column in task.schema.features:
        values = table[column.name]
        if column.rules.form is not Form.TEXTS:
            codes[column.name] = [Scaled.fit(values), *([Missing()] if np.isnan(values).any() else [])]
        elif len(set(values.tolist())) <= max_categories:
            codes[column.name] = [one_hot(values)]
        else:
            in_training[column.name], encoding = cross_fit(values, wanted(task, table), folds, task.training.seed)
            codes[column.name] = [by_category(encoding)]
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
