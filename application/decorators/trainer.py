"""Another trainer for each kind of task, under one name."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from application.ports.trainer import TrainedModel, Trainer
from domain.kinds.kind import Kind, Problem
from domain.splitting import Parts
from domain.task import Task
from domain.trainer_card import TrainerCard


class TrainerByKind(Trainer):
    def __init__(self, trainers: Mapping[tuple[Kind, Problem], Trainer]) -> None:
        self._trainers = trainers

    def describe(self) -> TrainerCard:
        """What they have in common: they are one trainer under one name."""
        return next(iter(self._trainers.values())).describe()

    def fit(self, task: Task, parts: Parts, events: Path,
            on_iteration: Callable[[int, int, float], None]) -> TrainedModel:
        return self._trainers[task.kind, task.problem].fit(task, parts, events, on_iteration)
