"""The flights of the demo for both services of `benchmarks.forward`: two models of the same rows, and requests."""
from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import catboost
import msgspec
import numpy as np
import pandas as pd

from adapters.catboost.card import CARD
from adapters.catboost.trainer import CatboostTrainer
from adapters.nycflights13.demo_data import NycflightsDemoData
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.pyarrow.csv_codec import PyarrowCsvCodec
from application.use_cases.train_model import TrainModel
from domain.columns import ColumnType
from domain.prediction import Predictions
from domain.scoring import score
from domain.splitting import Parts, part
from domain.table import Table, concat
from domain.task import Task
from entrypoints.formats.documents import read_task

TASK_FILE = Path(__file__).parents[1] / "pipelines" / "tasks" / "flights.yaml"
EVERY = 4


@dataclass(frozen=True, eq=False, slots=True)
class Flights:
    """parts: a quarter of January to October, by whole days. later: November and December, which nobody trained on."""

    task: Task
    parts: Parts
    later: Table

    def bodies(self, count: int) -> list[bytes]:
        """Single rows as JSON, each another one."""
        rows = self.later_rows(count)
        columns = {name: _json_values(rows[name]) for name in rows.columns}
        return [msgspec.json.encode({name: values[row] for name, values in columns.items()}) for row in range(count)]

    def csv(self, count: int) -> bytes:
        rows = self.later_rows(count)
        return b"".join(PyarrowCsvCodec().write(list(rows.columns), [rows.columns]))

    def later_rows(self, count: int) -> Table:
        names = [column.name for column in self.task.schema.features]
        return self.later.select(names).take(np.arange(count) * 7 % self.later.n_rows)


def _json_values(values: np.ndarray) -> list:
    return [None if value != value else value for value in values.tolist()]


@dataclass(frozen=True, eq=False, slots=True)
class Trained:
    """model: the ONNX file. metrics: of `train`, `valid` and `test`. native: the same trees as CatBoost's own file."""

    model: bytes
    metrics: Mapping[str, Mapping[str, float]]
    trees: int
    native: bytes = b""


def read_flights(**training: float) -> Flights:
    """The demo task, with these parameters of the training in place of its own."""
    task = read_task(TASK_FILE)
    task = replace(task, training=task.training.override(training))
    first, *later = (table for _, table in NycflightsDemoData().batches(task))
    return Flights(task, part(first.take(slice(None, None, EVERY)), task.split), concat(later))


def train_ours(flights: Flights) -> Trained:
    """The product's own training, early stopping included."""
    with tempfile.TemporaryDirectory() as folder:
        training = TrainModel(CatboostTrainer(), OnnxModelLoader()).execute(
            flights.task, flights.parts, Path(folder), lambda *_: None)
        native = Path(folder) / "model.cbm"
        native.write_bytes(training.native)
        trees = catboost.CatBoost().load_model(str(native)).tree_count_
    held_out = flights.parts.test
    answers = OnnxModelLoader().load(training.model).predict(held_out)
    return Trained(training.model, dict(training.metrics) | {"test": _score(flights.task, held_out, answers)}, trees,
                   training.native)


def train_native(flights: Flights, trees: int, target: Path) -> dict[str, float]:
    """CatBoost with its own categories, same rows, as many trees, saved as `target`. Returns: metrics of `test`."""
    task, seed = flights.task, flights.task.training.seed
    training: Mapping[str, Any] = CARD.resolved(
        task.training.params, task.kind, flights.parts.n_rows, task.problem)
    model = catboost.CatBoostClassifier(
        iterations=trees, depth=training["depth"], learning_rate=training["learning_rate"],
        l2_leaf_reg=training["l2_leaf_reg"], random_seed=seed, cat_features=list(_categories(task)),
        allow_writing_files=False, verbose=False)
    model.fit(_frame(task, flights.parts.train), task.targets(flights.parts.train[task.schema.target.name]))
    model.save_model(str(target))
    probabilities = model.predict_proba(_frame(task, flights.parts.test))
    return _score(task, flights.parts.test, Predictions(probabilities.argmax(axis=1), probabilities, task.labels))


def _categories(task: Task) -> Iterator[str]:
    return (column.name for column in task.schema.features if column.type is ColumnType.CATEGORY)


def _frame(task: Task, table: Table) -> pd.DataFrame:
    return pd.DataFrame({column.name: table[column.name] for column in task.schema.features})


def _score(task: Task, table: Table, answers: Predictions) -> dict[str, float]:
    return score(task, task.targets(table[task.schema.target.name]), answers)
