"""Least squares on numbers and category means; what it exports is a file for LinearModelLoader."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.catboost.card import CARD as CATBOOST
from application.ports.trainer import TrainedModel, Trainer, TrainingFailed
from domain.arrays import Array, Floats
from domain.columns import ColumnType
from domain.kinds.kind import Problem
from domain.prediction import Predictions
from domain.schema import Column
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task
from domain.trainer_card import TrainerCard
from tests.fakes.model_runner import LinearModelLoader, linear_model

# It takes the place of CatBoost, whatever of its parameters it does without.
CARD = replace(CATBOOST, refits=False)


class LinearTrainer(Trainer):
    """Each iteration goes half of the way that is left to the least squares solution."""

    def describe(self) -> TrainerCard:
        return CARD

    def fit(self, task: Task, parts: Parts, events: Path,
            on_iteration: Callable[[int, int, float], None]) -> LinearTrainedModel:
        params: Mapping[str, Any] = CARD.resolved(task.training.params, task.kind, parts.n_rows, task.problem)
        targets = {name: task.targets(getattr(parts, name)[task.schema.target.name]) for name in ("train", "valid")}
        if len(np.unique(targets["train"])) < 2:
            raise TrainingFailed(f"all {parts.train.n_rows} rows have the same {task.schema.target.name}")
        solution = _Solution(task, parts.train, _wanted(task, targets["train"]))
        curve: list[dict[str, float]] = []
        for number in range(1, params["iterations"] + 1):
            model = solution.model(1 - 0.5**number)
            losses = {name: _loss(model, getattr(parts, name), targets[name]) for name in targets}
            curve.append({"iteration": number, **losses})
            on_iteration(number, params["iterations"], losses["valid"])
            if _is_stale([entry["valid"] for entry in curve], params["early_stopping_rounds"]):
                break
        events.mkdir(parents=True, exist_ok=True)
        (events / "events.out.tfevents.0").write_bytes(b"")
        return LinearTrainedModel(model, curve, solution.importance(), solution.borders())


class LinearTrainedModel(TrainedModel):
    def __init__(self, model: bytes, curve: Sequence[Mapping[str, float]], importance: Mapping[str, float],
                 borders: Mapping[str, NDArray[np.float32]]) -> None:
        self._model = model
        self.learning_curve, self.importance, self.borders = curve, importance, borders

    def predict(self, table: Table) -> Predictions:
        return LinearModelLoader().load(self._model).predict(table)

    def export(self) -> bytes:
        return self._model

    def native(self) -> bytes:
        return self._model


class _Solution:
    def __init__(self, task: Task, train: Table, wanted: Floats) -> None:
        self._task, self._train = task, train
        self._codes = {column.name: _means(train[column.name], wanted[:, -1]) for column in task.schema.features
                       if column.type is ColumnType.CATEGORY}
        matrix = np.column_stack([*map(self._values, task.schema.features), np.ones(train.n_rows)])
        self._weights = np.linalg.lstsq(matrix, wanted, rcond=None)[0]
        self._spread = matrix.std(axis=0)[:-1]

    def model(self, share: float) -> bytes:
        numbers, codes = {}, {}
        for column, weights in zip(self._task.schema.features, self._weights[:-1] * share, strict=True):
            if column.type is ColumnType.NUMBER:
                numbers[column.name] = weights.tolist()
            else:
                means = self._codes[column.name].items()
                codes[column.name] = {text: (weights * mean).tolist() for text, mean in means}
        return linear_model(self._task, numbers, codes, (self._weights[-1] * share).tolist())

    def importance(self) -> dict[str, float]:
        sizes = np.abs(self._weights[:-1]).max(axis=1) * self._spread
        shares = sizes / (sizes.sum() or 1.0)
        return {column.name: float(share) for column, share in zip(self._task.schema.features, shares, strict=True)}

    def borders(self) -> dict[str, NDArray[np.float32]]:
        return {column.name: np.zeros(1, dtype=np.float32) for column in self._task.schema.features
                if column.type is ColumnType.NUMBER}

    def _values(self, column: Column) -> Floats:
        if column.type is ColumnType.NUMBER:
            return np.nan_to_num(self._train[column.name].astype(np.float64))
        return np.array([self._codes[column.name][text] for text in self._train[column.name].tolist()])


def _means(values: Array, targets: Floats) -> dict[str, float]:
    return {text: float(targets[values == text].mean()) for text in sorted(set(values.tolist()))}


def _wanted(task: Task, targets: Array) -> Floats:
    return targets[:, None] if task.problem is Problem.REGRESSION else np.eye(len(task.labels))[targets]


def _loss(model: bytes, table: Table, targets: Array) -> float:
    answers = LinearModelLoader().load(model).predict(table)
    if answers.probabilities is None:
        return float(np.sqrt(np.mean((answers.values - targets) ** 2)))
    return float(-np.log(np.maximum(answers.probabilities[np.arange(len(targets)), targets], 1e-9)).mean())


def _is_stale(losses: Sequence[float], patience: int) -> bool:
    return bool(patience) and len(losses) - 1 - int(np.argmin(losses)) >= patience
