"""The second stage: from rows to a model file."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from application.ports.model_runner import ModelLoader, ModelRunner
from application.ports.trainer import TrainedModel, Trainer
from application.training.judging import learned_from, score_of
from domain import parity
from domain.experiment import Metrics
from domain.report import Plot, training_plots
from domain.splitting import Parts
from domain.table import Table
from domain.task import Task


@dataclass(frozen=True, eq=False, slots=True)
class Training:
    """model: the model file, stamped. metrics: of `valid` by a model that had not learned from it. parity: the
    largest difference seen between the file and the trained model."""

    model: bytes
    native: bytes
    metrics: Metrics
    plots: list[Plot]
    iterations: int
    parity: float


class TrainModel:
    """Fits a model, exports it, and lets the file pass only if it answers as the fitted model does.

    The comparison runs on the held-out rows and on made ones where exports go wrong: missing numbers, unseen and empty
    categories, values exactly on a border.
    """

    def __init__(self, trainer: Trainer, loader: ModelLoader) -> None:
        self._trainer, self._loader = trainer, loader

    def execute(self, task: Task, parts: Parts, events: Path, on_iteration: Callable[[int, int, float], None],
                stamp: Callable[[Metrics], Mapping[str, str]] = lambda _: {}) -> Training:
        """stamp: what is to be written into the file beside probe and reference. Raises: TrainingFailed, ParityBroken.
        """
        trained = self._trainer.fit(task, parts, events, on_iteration)
        exported = trained.export()
        runner = self._loader.load(exported)
        difference = self._check_parity(task, trained, runner, parts)
        answers = runner.predict(parts.train)
        unseen = runner.predict(parts.valid) if trained.unseen_valid is None else trained.unseen_valid
        metrics = {"train": score_of(task, answers, parts.train), "valid": score_of(task, unseen, parts.valid)}
        plots = training_plots(trained.learning_curve, trained.importance, task.rules.loss)
        model = self._loader.stamp(exported, {
            "probe": self._probe(task, trained, parts), **learned_from(task, parts.train, answers), **stamp(metrics)})
        return Training(model, trained.native(), metrics, plots, len(trained.learning_curve), difference)

    def _probe(self, task: Task, trained: TrainedModel, parts: Parts) -> str:
        """Rows by which whoever loads the file later can tell that it still answers as it should."""
        made = _made_rows(task, trained, parts)
        rows = made.take(slice(0, parity.PROBE_ROWS))
        return parity.probe_text(rows, trained.predict(rows))

    def _check_parity(self, task: Task, trained: TrainedModel, runner: ModelRunner, parts: Parts) -> float:
        made = _made_rows(task, trained, parts)
        rows = {"the held-out rows": parts.test, "made rows": made}
        return max(parity.check(trained.predict(table), runner.predict(table), what) for what, table in rows.items())


def _made_rows(task: Task, trained: TrainedModel, parts: Parts) -> Table:
    return task.rules.made_rows(task.schema.features, parts.train, trained.borders, task.training.seed)
