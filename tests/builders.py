"""A small real task of each problem, and rows for it that a model can learn from."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from application.ports.prediction_log import AnsweredRows
from domain.arrays import Array, Floats
from domain.columns import ColumnType
from domain.dataset import DatasetVersion
from domain.experiment import Experiment
from domain.kinds.kind import Kind, Problem
from domain.schema import Column, Role, Schema
from domain.splitting import Parts, part
from domain.table import Table
from domain.task import Split, Task
from domain.training import Training
from tests.fakes.clock import START

NUMBER, CATEGORY = ColumnType.NUMBER, ColumnType.CATEGORY
CARRIER, ENGINE, TEMP, DISTANCE = "Перевозчик", "тип двигателя", "temp. °F", "расстояние, км"
DAY, ROW_ID, LATE = "day", "row id", "late"
FEATURES = (
    Column(CARRIER, CATEGORY, nullable=False),
    Column(TEMP, NUMBER, description="при вылете"),
    Column(ENGINE, CATEGORY, missing=("?", "н/д")),
    Column(DISTANCE, NUMBER, nullable=False, private=True),
)
LABELS = {
    Problem.BINARY: (0, 1), Problem.MULTICLASS: ("вовремя", "late", 'cancelled, "sick"'), Problem.REGRESSION: (),
}
QUICK = Training.of(iterations=12, depth=3, learning_rate=0.1, early_stopping_rounds=6, encoding_folds=3)
ROW = {CARRIER: "UA", TEMP: 39.5, ENGINE: None, DISTANCE: 1400}


def make_schema(problem: Problem = Problem.BINARY) -> Schema:
    target = Column(LATE, NUMBER if problem is Problem.REGRESSION else CATEGORY, Role.TARGET, nullable=False)
    return Schema((
        Column(DAY, CATEGORY, Role.SPLIT, nullable=False), *FEATURES, Column(ROW_ID, CATEGORY, Role.IGNORED), target))


def make_task(problem: Problem = Problem.BINARY, name: str = "flights", **changes: Any) -> Task:
    task = Task(name, Kind.TABULAR, problem, make_schema(problem), LABELS[problem], Split(DAY, 10, 0.25, 0.25, 7),
                QUICK, "Опоздает ли рейс")
    return replace(task, **changes)


def make_timed_task(**changes: Any) -> Task:
    """Its oldest rows train, its newest judge."""
    columns = (replace(column, type=ColumnType.DATETIME) if column.name == DAY else column
               for column in make_schema().columns)
    return make_task(schema=Schema(tuple(columns)), split=Split(by_time=DAY), **changes)


def with_days(table: Table, year: str) -> Table:
    """With another moment of this year in each row, 336 at most, rising."""
    return Table(dict(table.columns) | {DAY: texts(
        [f"{year}-{1 + row // 28:02}-{1 + row % 28:02}" for row in range(table.n_rows)])})


def make_table(task: Task, n_rows: int, seed: int = 0) -> Table:
    """Rows of the task's stored columns; the target depends on all features but the engine."""
    random = np.random.default_rng(seed)
    carriers = texts(["UA", "AA", "Россия", "ж"])[random.integers(0, 4, n_rows)]
    temps = np.round(random.normal(50, 20, n_rows), 1)
    temps[random.random(n_rows) < 0.1] = np.nan
    distances = random.integers(100, 5_000, n_rows).astype(np.float64)
    columns = {
        DAY: texts([f"2013-{1 + number % 12:02}-{1 + number % 28:02}T05:00" for number in range(n_rows)]),
        CARRIER: carriers, TEMP: temps,
        ENGINE: texts(["", "Turbo-fan", "4 Cycle"])[random.integers(0, 3, n_rows)], DISTANCE: distances,
    }
    signal = (np.nan_to_num(temps, nan=20.0) - 50) / 20 + distances / 2_500 - 1 + (carriers == "UA")
    return Table(columns | {LATE: _targets(task, signal)})


def _targets(task: Task, signal: Floats) -> Array:
    if task.problem is Problem.REGRESSION:
        return (signal * 10).astype(np.float64)
    classes = np.digitize(signal, np.quantile(signal, [0.5] if task.problem is Problem.BINARY else [0.3, 0.7]))
    return texts([str(task.labels[position]) for position in classes])


def make_parts(task: Task, n_rows: int = 240, seed: int = 0) -> Parts:
    return part(make_table(task, n_rows, seed), task.split)


def texts(values: Iterable[str]) -> NDArray[np.object_]:
    return np.array([*values, None], dtype=object)[:-1]


def text_cells(table: Table) -> dict[str, list[str]]:
    """The cells as a CSV would hold them."""
    return {name: [_text(value) for value in values.tolist()] for name, values in table.columns.items()}


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else "" if value != value else repr(value)


def make_version(task: Task, version: int = 1, rows: int = 240, fingerprint: str = "f") -> DatasetVersion:
    return DatasetVersion(task.name, version, f"batch-{version}", f"digest-{version}", fingerprint, rows, rows, START)


def make_experiment(task: Task, **changes: Any) -> Experiment:
    values: dict[str, Any] = {
        "id": 0, "task": task.name, "name": f"{task.name}-v1", "dataset_version": 1, "commit_hash": "abc",
        "created_at": START, "params": task.training.as_dict()}
    return Experiment(**values | changes)


def succeeded(task: Task, metrics: Mapping[str, Mapping[str, float]] | None = None, **changes: Any) -> Experiment:
    later = START + timedelta(seconds=30)
    return make_experiment(task, **changes).start(START).succeed(later, metrics or {"test": {"auc": 0.75}}, False)


def assert_same_table(actual: Table, expected: Table) -> None:
    """Equal to the bit, dtypes and order of the columns included; a NaN equals a NaN."""
    assert list(actual.columns) == list(expected.columns)
    for name, values in expected.columns.items():
        assert actual[name].dtype == values.dtype, name
        if values.dtype == object:
            assert actual[name].tolist() == values.tolist(), name
            assert {type(value) for value in actual[name].tolist()} <= {str}, name
        else:
            np.testing.assert_array_equal(actual[name], values, name)
            np.testing.assert_array_equal(np.signbit(actual[name]), np.signbit(values), name)


def make_answered(n_rows: int = 1, request_id: str = "0190-abc", **changes: Any) -> AnsweredRows:
    """Rows of an answer to a binary task."""
    random = np.random.default_rng(n_rows)
    scores = random.uniform(0.5, 1, n_rows).tolist()
    values: dict[str, Any] = {
        "request_id": request_id, "created_at": START, "route": "/forward", "task": "flights", "experiment_id": 3,
        "row_nos": list(range(1, n_rows + 1)), "predictions": random.integers(0, 2, n_rows).tolist(), "scores": scores,
        "inputs": {CARRIER: ["UA"] * n_rows, TEMP: [float(number) for number in range(n_rows)]}, "latency_s": 0.0025}
    return AnsweredRows(**values | changes)
