"""Any trainer of tables, with columns of free texts and of dates as numbers before it."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from adapters.coded.columns import CodedColumns, fit_columns, needs_code
from adapters.coded.joining import put_before
from application.ports.trainer import TrainedModel, Trainer
from domain.prediction import Predictions
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task
from domain.trainer_card import TrainerCard


class CodedTrainer(Trainer):
    """The trainer before which it stands knows nothing of texts and dates: it is given a task of their numbers."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer

    def describe(self) -> TrainerCard:
        return self._trainer.describe()

    def fit(self, task: Task, parts: Parts, events: Path,
            on_iteration: Callable[[int, int, float], None]) -> TrainedModel:
        if not any(map(needs_code, task.schema.features)):
            return self._trainer.fit(task, parts, events, on_iteration)
        columns, train = fit_columns(task, parts.train)
        # No trainer looks at the held-out rows; they are only counted.
        coded = Parts(train, columns.transform(parts.valid), parts.test)
        return CodedModel(task, columns, self._trainer.fit(columns.task, coded, events, on_iteration))


class CodedModel(TrainedModel):
    def __init__(self, task: Task, columns: CodedColumns, model: TrainedModel) -> None:
        self._task, self._columns, self._model = task, columns, model
        self.learning_curve, self.unseen_valid = model.learning_curve, model.unseen_valid
        self.importance = columns.of_owners(model.importance)
        self.borders = {name: values for name, values in model.borders.items() if name in task.schema}
        self.refit = self._refit if model.refit is not None else None

    def predict(self, table: Table) -> Predictions:
        return self._model.predict(self._columns.transform(table))

    def export(self) -> bytes:
        return put_before(self._model.export(), self._task, self._columns)

    def native(self) -> bytes:
        """Of the trainer behind: it takes numbers in the place of texts and dates."""
        return self._model.native()

    def _refit(self, rows: Table) -> TrainedModel:
        assert self._model.refit is not None
        columns, coded = fit_columns(self._task, rows)
        return CodedModel(self._task, columns, self._model.refit(coded))
