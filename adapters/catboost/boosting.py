"""What every training with CatBoost has in common, whatever its rows are made of."""
from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import catboost

from adapters.catboost.card import CARD
from application.ports.trainer import TrainingFailed
from domain.kinds.kind import Problem
from domain.task import Task

Params = Mapping[str, Any]


def loss_of(task: Task) -> str:
    if task.problem is Problem.REGRESSION:
        return "RMSE"
    return "Logloss" if len(task.labels) == 2 else "MultiClass"


def fit_booster(
    task: Task, params: Params, train: catboost.Pool, valid: catboost.Pool, events: Path, threads: int,
    on_iteration: Callable[[int, int, float], None], stop_early: bool = True, ignored: Sequence[int] = (),
) -> catboost.CatBoost:
    """params: all of the card's. stop_early: if not, `valid` is only looked at. ignored: positions of columns that no
    tree asks about. Raises: TrainingFailed."""
    booster = _booster(task, params, events, threads).set_params(ignored_features=list(ignored))
    patience = params["early_stopping_rounds"] if stop_early else 0
    try:
        booster.fit(train, eval_set=valid, early_stopping_rounds=patience or None, use_best_model=stop_early,
                    callbacks=[_IterationCallback(params["iterations"], on_iteration)], verbose=False)
    except catboost.CatBoostError as failure:
        raise TrainingFailed(f"CatBoost could not train: {_first_line(failure)}") from failure
    _keep_events_alone(events)
    return booster


def params_of(task: Task, rows: int) -> Params:
    """Every parameter of the card for a training on so many rows."""
    return CARD.resolved(task.training.params, task.kind, rows, task.problem)


def fit_once_more(task: Task, params: Params, first: catboost.CatBoost, more: float, rows: catboost.Pool,
                  threads: int) -> catboost.CatBoost:
    """As `first` came out, on other rows. more: so many times as many; they carry as many times the trees (it is the
    loss on rows that were not seen which says so: docs/quality.md). Raises: TrainingFailed."""
    chosen = {name: first.get_all_params()[name] for name in _BY_ITERATIONS}
    own = {**params, "iterations": max(round(first.tree_count_ * more), 1)}
    with tempfile.TemporaryDirectory() as events:
        booster = _booster(task, own, Path(events), threads).set_params(**chosen)
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


# What CatBoost chooses by the number of iterations that are asked for: fewer than 200 of them get one step a leaf, not
# ten, and learn much more slowly.
_BY_ITERATIONS = ("leaf_estimation_iterations",)


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


def _booster(task: Task, params: Params, events: Path, threads: int) -> catboost.CatBoost:
    loss = loss_of(task)
    own = {name: params[name] for name in ("iterations", "depth", "learning_rate", "l2_leaf_reg", "border_count")}
    own |= {"loss_function": loss, "random_seed": task.training.seed, "thread_count": threads,
            "train_dir": str(events), "allow_writing_files": True}
    if loss == "MultiClass":
        own["classes_count"] = len(task.labels)
    return catboost.CatBoost(own)


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
