"""The second stage: from rows to a model file."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from application.ports.model_runner import ModelLoader, ModelRunner
from application.ports.trainer import TrainedModel, Trainer
from application.training.judging import learned_from, score_of
from domain import parity
from domain.experiment import Metrics
from domain.learned import Learned, look_at
from domain.prediction import Predictions
from domain.report import Plot, training_plots
from domain.splitting import Parts
from domain.table import Table, concat
from domain.task import Task
from domain.training import Refit


@dataclass(frozen=True, eq=False, slots=True)
class Training:
    """model: the model file to keep, stamped. judged: the one to judge by the held-out rows, which it has not seen; the
    same file, unless the kept one has learned from them too. metrics: of `valid` by a model that had not learned from
    it. parity: the largest difference seen between a file and its trained model. learned: of the rows and columns."""

    model: bytes
    judged: bytes
    native: bytes
    metrics: Metrics
    plots: list[Plot]
    curve: Sequence[Mapping[str, float]]
    parity: float
    learned: Learned


@dataclass(frozen=True, eq=False, slots=True)
class _Exported:
    """answers: of the file, to the rows of `train`; of pictures they take long, so they are made once."""

    trained: TrainedModel
    file: bytes
    answers: Predictions
    difference: float


class TrainModel:
    """Fits a model, once more on the rows that chose its settings, exports it, and lets the file pass only if it
    answers as the fitted model does.

    The comparison runs on the held-out rows and on made ones where exports go wrong: missing numbers, unseen and empty
    categories, values exactly on a border.
    """

    def __init__(self, trainer: Trainer, loader: ModelLoader) -> None:
        self._trainer, self._loader = trainer, loader

    def execute(self, task: Task, parts: Parts, events: Path, on_iteration: Callable[[int, int, float], None],
                stamp: Callable[[Metrics], Mapping[str, str]] = lambda _: {}) -> Training:
        """stamp: what is to be written into the file beside probe and reference. Raises: TrainingFailed, ParityBroken.
        """
        first = self._trainer.fit(task, parts, events, on_iteration)
        judged = self._export(task, _refitted(first, [parts.train, parts.valid], first.unseen_valid is None), parts)
        unseen = first.predict(parts.valid) if first.unseen_valid is None else first.unseen_valid
        metrics = {"train": score_of(task, judged.answers, parts.train), "valid": score_of(task, unseen, parts.valid)}
        kept = judged
        if task.training.refit is Refit.ALL:
            kept = self._export(task, _refitted(first, [parts.train, parts.valid, parts.test]), parts)
        plots = training_plots(first.learning_curve, kept.trained.importance, task.rules.loss)
        said = stamp(metrics)
        model, judge = (self._stamped(task, exported, parts, said) for exported in (kept, judged))
        return Training(model, judge, kept.trained.native(), metrics, plots, first.learning_curve,
                        max(kept.difference, judged.difference),
                        look_at(task, parts, judged.trained.importance))

    def _export(self, task: Task, trained: TrainedModel, parts: Parts) -> _Exported:
        """Raises: ParityBroken."""
        file = trained.export()
        runner = self._loader.load(file)
        difference = self._check_parity(task, trained, runner, parts)
        return _Exported(trained, file, runner.predict(parts.train), difference)

    def _stamped(self, task: Task, exported: _Exported, parts: Parts, said: Mapping[str, str]) -> bytes:
        return self._loader.stamp(exported.file, {
            "probe": self._probe(task, exported.trained, parts),
            **learned_from(task, parts.train, exported.answers), **said})

    def _probe(self, task: Task, trained: TrainedModel, parts: Parts) -> str:
        """Rows by which whoever loads the file later can tell that it still answers as it should."""
        made = _made_rows(task, trained, parts)
        rows = made.take(slice(0, parity.PROBE_ROWS))
        return parity.probe_text(rows, trained.predict(rows))

    def _check_parity(self, task: Task, trained: TrainedModel, runner: ModelRunner, parts: Parts) -> float:
        made = _made_rows(task, trained, parts)
        rows = {"the held-out rows": parts.test, "made rows": made}
        return max(parity.check(trained.predict(table), runner.predict(table), what) for what, table in rows.items())


def _refitted(trained: TrainedModel, tables: Sequence[Table], wanted: bool = True) -> TrainedModel:
    return trained.refit(concat(tables)) if wanted and trained.refit is not None else trained


def _made_rows(task: Task, trained: TrainedModel, parts: Parts) -> Table:
    return task.rules.made_rows(task.schema.features, parts.train, trained.borders, task.training.seed)
