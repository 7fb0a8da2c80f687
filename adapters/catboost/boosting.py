"""What every training with CatBoost has in common, whatever its rows are made of."""
from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import catboost

from application.ports.trainer import TrainingFailed
from domain.kinds.kind import Problem
from domain.task import Task


def loss_of(task: Task) -> str:
    if task.problem is Problem.REGRESSION:
        return "RMSE"
    return "Logloss" if len(task.labels) == 2 else "MultiClass"


def fit_booster(
    task: Task, train: catboost.Pool, valid: catboost.Pool, events: Path, threads: int,
    on_iteration: Callable[[int, int, float], None], stop_early: bool = True,
) -> catboost.CatBoost:
    """stop_early: if not, `valid` is only looked at. Raises: TrainingFailed."""
    booster = _booster(task, events, threads)
    patience = task.training.early_stopping_rounds if stop_early else 0
    try:
        booster.fit(train, eval_set=valid, early_stopping_rounds=patience or None, use_best_model=stop_early,
                    callbacks=[_IterationCallback(task.training.iterations, on_iteration)], verbose=False)
    except catboost.CatBoostError as failure:
        raise TrainingFailed(f"CatBoost could not train: {_first_line(failure)}") from failure
    _keep_events_alone(events)
    return booster


def fit_to_the_end(task: Task, rows: catboost.Pool, threads: int) -> catboost.CatBoost:
    """Raises: TrainingFailed."""
    with tempfile.TemporaryDirectory() as events:
        booster = _booster(task, Path(events), threads)
        try:
            return booster.fit(rows, verbose=False)
        except catboost.CatBoostError as failure:
            raise TrainingFailed(f"CatBoost could not train: {_first_line(failure)}") from failure


def learning_curve(booster: catboost.CatBoost, task: Task) -> Sequence[Mapping[str, float]]:
    results, loss = booster.get_evals_result(), loss_of(task)
    return [{"iteration": number, "train": float(train), "valid": float(valid)} for number, (train, valid) in enumerate(
        zip(results["learn"][loss], results["validation"][loss], strict=True), start=1)]


def native_bytes(booster: catboost.CatBoost) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.cbm"
        booster.save_model(str(path))
        return path.read_bytes()


def metadata_of(task: Task) -> dict[str, str]:
    signature = [{"name": column.name, "type": str(column.type), "nullable": column.nullable}
                 for column in task.schema.features]
    return {
        "task": task.name, "problem": str(task.problem), "labels": json.dumps(list(task.labels), ensure_ascii=False),
        "signature": json.dumps(signature, ensure_ascii=False),
    }


class _Iteration(Protocol):
    """What CatBoost tells of one."""

    iteration: int
    metrics: Mapping[str, Mapping[str, Sequence[float]]]


class _IterationCallback:
    def __init__(self, iterations: int, on_iteration: Callable[[int, int, float], None]) -> None:
        self._iterations, self._on_iteration = iterations, on_iteration

    def after_iteration(self, info: _Iteration) -> bool:
        loss = next(iter(info.metrics["validation"].values()))[-1]
        self._on_iteration(info.iteration, self._iterations, float(loss))
        return True


def _booster(task: Task, events: Path, threads: int) -> catboost.CatBoost:
    training, loss = task.training, loss_of(task)
    params = {
        "loss_function": loss, "iterations": training.iterations, "depth": training.depth,
        "learning_rate": training.learning_rate, "l2_leaf_reg": training.l2_leaf_reg, "random_seed": training.seed,
        "thread_count": threads, "train_dir": str(events), "allow_writing_files": True,
    }
    if loss == "MultiClass":
        params["classes_count"] = len(task.labels)
    return catboost.CatBoost(params)


def _keep_events_alone(folder: Path) -> None:
    """CatBoost leaves its own logs beside the TensorBoard events, among them times, which differ from run to run."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and "tfevents" not in path.name:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _first_line(failure: Exception) -> str:
    """CatBoost prefixes its message with the C++ source line that raised it."""
    text = str(failure).strip().splitlines()[0]
    return text.split(": ", 1)[-1] if ".cpp" in text.split(": ", 1)[0] else text
