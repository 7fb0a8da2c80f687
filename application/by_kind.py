"""One port, another adapter for each kind of task."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from application.ports.demo_data import DemoData, DemoUnavailable
from application.ports.trainer import TrainedModel, Trainer
from domain.splitting import Parts
from domain.table import Table
from domain.kinds.kind import Kind
from domain.task import Task


class TrainerByKind(Trainer):
    def __init__(self, trainers: Mapping[Kind, Trainer]) -> None:
        self._trainers = trainers

    def fit(self, task: Task, parts: Parts, events: Path,
            on_iteration: Callable[[int, int, float], None]) -> TrainedModel:
        return self._trainers[task.kind].fit(task, parts, events, on_iteration)


class DemoDataByName(DemoData):
    """demos: by the name that a task says under `demo`."""

    def __init__(self, demos: Mapping[str, DemoData]) -> None:
        self._demos = demos

    def batches(self, task: Task) -> Iterator[tuple[str, Table]]:
        if task.demo is None or task.demo not in self._demos:
            raise DemoUnavailable(f"the task {task.name} has no demo data")
        return self._demos[task.demo].batches(task)
