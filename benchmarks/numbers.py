"""A model of numbers alone, a logistic regression of 30 of them, as many a client of the protocol has one."""
from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from adapters.matrix.linear.trainer import LinearTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from application.use_cases.train_model import TrainModel
from benchmarks.flights import Trained
from domain import task_document
from domain.splitting import part
from domain.table import Table
from domain.task import Task

COLUMNS, LEARNED = 30, 4_000


def train_numbers(asked: int) -> tuple[Task, Trained, Table]:
    """asked: rows of the table, which nobody trained on. They are float32 numbers, none is missing."""
    names = [f"sensor_{number}" for number in range(COLUMNS)]
    task = task_document.from_document({
        "name": "sensors", "kind": "tabular", "problem": "binary", "labels": ["no", "yes"], "columns": [
            *({"name": name, "type": "number"} for name in names),
            {"name": "alarm", "type": "category", "role": "target", "nullable": False}]})
    numbers = np.random.default_rng(0).normal(size=(LEARNED + asked, COLUMNS)).astype(np.float32)
    alarm = np.where(numbers[:, 0] + numbers[:, 1] > 0, "yes", "no").astype(object)
    table = Table({**dict(zip(names, numbers.T.astype(np.float64), strict=True)), "alarm": alarm})
    with tempfile.TemporaryDirectory() as folder:
        training = TrainModel(LinearTrainer(), OnnxModelLoader()).execute(
            task, part(table.take(slice(0, LEARNED)), task.split), Path(folder), lambda *_: None)
    return task, Trained(training.model, dict(training.metrics), 0), table.take(slice(LEARNED, None)).select(names)
