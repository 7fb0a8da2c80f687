"""A few models of a small table, each stopped by another part of its rows, whose mean is one model.

What a tenth of a few hundred rows says of the best number of trees is mostly chance, and so is much of what one model
learns of them (L. Breiman, "Bagging predictors", Machine Learning 24, 1996; here parts instead of samples, so that each
row is answered once by a model that has not seen it).
"""
from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import catboost
import numpy as np
from numpy.typing import NDArray

from adapters.catboost.boosting import Params, fit_booster, learning_curve
from domain.arrays import Array
from domain.kinds.kind import Problem
from domain.target_encoding import TargetEncoding, balanced_folds, joined
from domain.task import Task

# Gives the pools of the rows to learn from and of those to stop by, with the encodings of what was learned, in the
# place of this fold among the columns of all.
MakePools = Callable[[Array, Array, int], "Pools"]
# Of a class less than this and a fold may have none to learn from.
_LEAST_OF_A_CLASS = 2


@dataclass(frozen=True, eq=False, slots=True)
class Pools:
    """ignored: positions of the columns that are of other folds."""

    train: catboost.Pool
    valid: catboost.Pool
    encodings: Mapping[str, TargetEncoding]
    ignored: Sequence[int]


@dataclass(frozen=True, eq=False, slots=True)
class Bag:
    """booster: the mean of all. encodings: those of all folds side by side. unseen: float64[n] or [n, classes] of raw
    values, of each row by the model that has not seen it."""

    booster: catboost.CatBoost
    encodings: Mapping[str, TargetEncoding]
    curve: Sequence[Mapping[str, float]]
    unseen: Array


def can_be_dealt_out(task: Task, params: Params, targets: Array) -> bool:
    """Into folds, of which none lacks a class to learn. Groups stay together, and are not dealt out."""
    if params["folds"] < 2 or task.split.column is not None or len(targets) < 2 * params["folds"]:
        return False
    if task.problem is Problem.REGRESSION:
        return True
    counts = np.unique(targets, return_counts=True)[1]
    return len(counts) > 1 and int(counts.min()) >= _LEAST_OF_A_CLASS


@dataclass(frozen=True, slots=True)
class Beside:
    """Where the encodings of one fold stand among those of all, column by column; widths: of each column's."""

    fold: int
    folds: int
    widths: Mapping[str, int]

    def placed(self, encoded: Mapping[str, NDArray[np.float32]]) -> Mapping[str, NDArray[np.float32]]:
        """float32[n, folds * width], 0 where the other folds' stand."""
        wide = {name: np.zeros((len(values), self.folds * self.widths[name]), np.float32)
                for name, values in encoded.items()}
        for name, values in encoded.items():
            wide[name][:, self.fold * self.widths[name]:(self.fold + 1) * self.widths[name]] = values
        return wide

    def ignored(self, names: Sequence[str]) -> list[int]:
        """names: of all columns, in their order."""
        fold_of = [fold for name in names for fold in (
            np.repeat(np.arange(self.folds), self.widths[name]).tolist() if name in self.widths else [self.fold])]
        return [position for position, fold in enumerate(fold_of) if fold != self.fold]


def fit_bag(task: Task, params: Params, targets: Array, make: MakePools, events: Path, threads: int,
            on_iteration: Callable[[int, int, float], None]) -> Bag:
    """targets: float64[n, k] by which the rows are dealt out evenly. events: of the first model. Raises:
    TrainingFailed."""
    fold_of = balanced_folds(targets, params["folds"], task.training.seed)
    folds, each = range(params["folds"]), params["iterations"]
    boosters, encodings, held_out = [], [], []
    for fold in folds:
        def told(iteration: int, _: int, loss: float, before: int = fold * each) -> None:
            on_iteration(before + iteration, len(folds) * each, loss)

        pools = make(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold), fold)
        with tempfile.TemporaryDirectory() as elsewhere:
            booster = fit_booster(task, params, pools.train, pools.valid, Path(elsewhere) if fold else events, threads,
                                  told, ignored=pools.ignored)
        boosters.append(booster)
        encodings.append(pools.encodings)
        held_out.append(booster.predict(pools.valid, prediction_type="RawFormulaVal"))
    unseen = np.empty((len(targets), *held_out[0].shape[1:]))
    for fold, values in zip(folds, held_out, strict=True):
        unseen[fold_of == fold] = values
    mean = catboost.sum_models(boosters, weights=[1 / len(folds)] * len(folds))
    side_by_side = {name: joined([each_of[name] for each_of in encodings]) for name in encodings[0]}
    return Bag(mean, side_by_side, _mean_curve([learning_curve(booster, task) for booster in boosters]), unseen)


def _mean_curve(curves: Sequence[Sequence[Mapping[str, float]]]) -> Sequence[Mapping[str, float]]:
    """As far as the shortest goes."""
    return [{name: float(np.mean([point[name] for point in points])) for name in ("train", "valid")} | {
        "iteration": points[0]["iteration"]} for points in zip(*curves, strict=False)]
