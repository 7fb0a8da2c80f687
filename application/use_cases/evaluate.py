"""Labelled rows in; answers, and how good they are, out."""
from __future__ import annotations

from collections.abc import Iterable, Iterator

from application.ports.serving_models import ServedModel
from application.use_cases.answer_rows import Answering, Exchange
from domain.exchange import Part, Unlabelled
from domain.rows import Rows
from domain.task import Task


class _Judged:
    """Parts that pass by, scored; apart from the evaluation, so that parts which nobody takes any more end at once."""

    def __init__(self, task: Task) -> None:
        self.n_rows, self.unlabelled = 0, Unlabelled(task)
        self.scorer = task.rules.scorer(task)

    def watched(self, parts: Iterable[Part]) -> Iterator[Part]:
        for part in parts:
            self.n_rows += part.answers.n_rows
            labelled = self.unlabelled.mask(part.table)
            if labelled.all():
                self.scorer.add(part.truth, part.answers)
            else:
                self.scorer.add(part.truth[labelled], part.answers.take(labelled))
            yield part


class Evaluation:
    """parts: scored while they are taken, once; taking them raises what those of the exchange do."""

    def __init__(self, exchange: Exchange) -> None:
        self.served: ServedModel = exchange.served
        self._judged = _Judged(exchange.served.task)
        self.parts: Iterator[Part] = self._judged.watched(exchange.parts)

    def metrics(self) -> dict[str, float]:
        """Of all parts. Raises: InvalidInput if there were no rows with a target, and what taking the parts does."""
        for _ in self.parts:
            pass
        return self._judged.scorer.metrics()

    @property
    def n_rows(self) -> int:
        """Of the parts taken so far."""
        return self._judged.n_rows

    @property
    def rows_without_target(self) -> int:
        """Of the parts taken so far: answered, and not scored."""
        return self._judged.unlabelled.rows


class Evaluate:
    """Answers every row of a labelled table with the model that serves the task, and scores the answers by the metrics
    of the task's problem; rows without a target are answered and not scored. Nothing is
    kept: to train on the rows, add them.
    """

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    def execute(self, task_name: str, rows: Iterable[Rows]) -> Evaluation:
        """rows may be made while they are read. Raises: UnknownTask, NothingDeployed."""
        return Evaluation(self._answering.execute(task_name, rows, labelled=True))
