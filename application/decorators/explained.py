"""Answers with what each column has to do with them."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from application.ports.serving_models import ServingModels
from application.use_cases.answer_rows import Answering, Exchange
from application.use_cases.explain_rows import ExplainRows
from domain.rows import Rows


class ExplainedAnswering(Answering):
    """What cannot be explained is not answered. What the model is asked for the explanation is no answer: it is neither
    kept nor counted."""

    def __init__(self, answering: Answering, explain_rows: ExplainRows, models: ServingModels) -> None:
        self._answering, self._explain_rows, self._models = answering, explain_rows, models

    def execute(self, task_name: str, rows: Rows | Iterable[Rows], labelled: bool = False,
                version: int | None = None) -> Exchange:
        """Raises: NothingToCompareWith, too."""
        self._explain_rows.check(self._models.current(task_name))
        exchange = self._answering.execute(task_name, rows, labelled, version)
        return replace(exchange, parts=(
            replace(part, explanations=self._explain_rows.execute(exchange.served, part.table))
            for part in exchange.parts))
