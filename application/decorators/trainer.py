"""Another trainer for each kind of task, or of target."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from application.ports.trainer import TrainedModel, Trainer
from domain.kinds.kind import Kind
from domain.splitting import Parts
from domain.task import Task
from domain.trainer_card import TrainerCard


class TrainerByKind(Trainer):
    def __init__(self, trainers: Mapping[Kind, Trainer]) -> None:
        self._trainers = trainers

    def describe(self) -> TrainerCard:
        """What they have in common: they are one trainer under one name."""
        return next(iter(self._trainers.values())).describe()

    def fit(self, task: Task, parts: Parts, events: Path,
            on_iteration: Callable[[int, int, float], None]) -> TrainedModel:
        return self._trainers[task.kind].fit(task, parts, events, on_iteration)


class TrainerByTarget(Trainer):
    """Of pictures: masks, or classes."""

    def __init__(self, of_masks: Trainer, of_classes: Trainer) -> None:
        self._of_masks, self._of_classes = of_masks, of_classes

    def describe(self) -> TrainerCard:
        """What they have in common."""
        return self._of_masks.describe()

    def fit(self, task: Task, parts: Parts, events: Path,
            on_iteration: Callable[[int, int, float], None]) -> TrainedModel:
        chosen = self._of_masks if task.schema.target.rules.from_files else self._of_classes
        return chosen.fit(task, parts, events, on_iteration)
