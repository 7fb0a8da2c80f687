"""Hold-out quality of the pipeline's model against CatBoost with its own categorical features, on the same split and
with the same parameters: `python -m benchmarks.native_categories --data data`, after `dvc repro`."""
from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import catboost
import numpy as np

from adapters.catboost.card import CARD
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.pyarrow.table_files import ParquetTableFiles
from domain.columns.rules import Form
from domain.kinds.kind import Problem
from domain.prediction import Predictions
from domain.scoring import score
from domain.splitting import Parts
from domain.task import Task
from entrypoints.formats.documents import read_task

_LOSS = {Problem.BINARY: "Logloss", Problem.MULTICLASS: "MultiClass", Problem.REGRESSION: "RMSE"}


def native_metrics(task: Task, parts: Parts) -> dict[str, float]:
    """The same rows, iterations, depth, rate, stopping and seed; categories left to CatBoost."""
    params: Mapping[str, Any] = CARD.resolved(task.training.params, task.kind, parts.n_rows, task.problem)
    own = {name: params[name] for name in ("iterations", "depth", "learning_rate", "l2_leaf_reg")}
    model = catboost.CatBoost(own | {"loss_function": _LOSS[task.problem], "random_seed": task.training.seed,
                                     "allow_writing_files": False})
    train, valid = (_pool(task, table) for table in (parts.train, parts.valid))
    model.fit(train, eval_set=valid, early_stopping_rounds=params["early_stopping_rounds"], verbose=False)
    return _scored(task, model, parts.test)


def native_on_all(task: Task, rows, test) -> dict[str, float]:
    """CatBoost with its own defaults and categories, fitted to all rows."""
    model = catboost.CatBoost({"loss_function": _LOSS[task.problem], "random_seed": task.training.seed,
                               "allow_writing_files": False})
    return _scored(task, model.fit(_pool(task, rows), verbose=False), test)


def _scored(task: Task, model: catboost.CatBoost, test) -> dict[str, float]:
    targets, pool = task.targets(test[task.schema.target.name]), _pool(task, test)
    if task.problem is Problem.REGRESSION:
        return score(task, targets, Predictions(model.predict(pool), None, ()))
    probabilities = model.predict(pool, prediction_type="Probability")
    return score(task, targets, Predictions(probabilities.argmax(axis=1), probabilities, task.labels))


def _pool(task: Task, table) -> catboost.Pool:
    rows = np.column_stack([table[column.name].astype(object) for column in task.schema.features])
    categories = [place for place, column in enumerate(task.schema.features) if column.rules.form is Form.TEXTS]
    return catboost.Pool(rows, task.targets(table[task.schema.target.name]), cat_features=categories)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--task-file", type=Path, default=Path("pipelines/tasks/flights.yaml"))
    arguments.add_argument("--data", type=Path, default=Path("data"))
    arguments.add_argument("--model", type=Path, default=Path("model/model.onnx"))
    given = arguments.parse_args()
    task, files = read_task(given.task_file), ParquetTableFiles()
    parts = Parts(*(files.read(given.data / f"{name}.parquet", task.schema.stored)
                    for name in ("train", "valid", "test")))
    ours = OnnxModelLoader().load(given.model.read_bytes()).predict(parts.test)
    scored = score(task, task.targets(parts.test[task.schema.target.name]), ours)
    start = time.perf_counter()
    native = native_metrics(task, parts)
    print(f"native training took {time.perf_counter() - start:.0f} s")
    print(f"{'metric':20}{'pipeline':>12}{'native':>12}{'difference':>12}")
    for name, value in scored.items():
        print(f"{name:20}{value:12.4f}{native[name]:12.4f}{value - native[name]:+12.4f}")


if __name__ == "__main__":
    main()
