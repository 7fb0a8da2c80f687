"""Answers with what each column has to do with them."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from application.ports.serving_models import ServingModels
from application.serving.choosing import who_may_answer
from application.use_cases.answer_rows import Answering, Exchange
from application.use_cases.explain_rows import ExplainRows
from domain.errors import TooLarge
from domain.rows import Rows


class ExplainedAnswering(Answering):
    """What cannot be explained is not answered. What the model is asked for the explanation is no answer: it is neither
    kept nor counted."""

    def __init__(self, answering: Answering, explain_rows: ExplainRows, models: ServingModels, max_rows: int) -> None:
        """max_rows: of one exchange, each of which takes as long as hundreds of answers do."""
        self._answering, self._explain_rows, self._models = answering, explain_rows, models
        self._max_rows = max_rows

    def execute(self, task_name: str, rows: Rows | Iterable[Rows], labelled: bool = False,
                version: int | None = None) -> Exchange:
        """Raises: NothingToCompareWith and, at once or while the parts are taken, TooLarge too."""
        for model in who_may_answer(self._models.current(task_name)):
            self._explain_rows.check(model)
        if isinstance(rows, Rows):
            self._check(rows.n_rows)
        else:
            rows = self._counted(rows)
        exchange = self._answering.execute(task_name, rows, labelled, version)
        return replace(exchange, parts=(
            replace(part, explanations=self._explain_rows.execute(exchange.served, part.table, part.answers))
            for part in exchange.parts))

    def _counted(self, chunks: Iterable[Rows]) -> Iterator[Rows]:
        seen = 0
        for chunk in chunks:
            seen += chunk.n_rows
            self._check(seen)
            yield chunk

    def _check(self, rows: int) -> None:
        """rows: at least so many. Raises: TooLarge."""
        if rows > self._max_rows:
            raise TooLarge(f"there are more than {self._max_rows:,} rows, which is what can be explained at once "
                           "(PROGON_MAX_EXPLAINED_ROWS); send fewer, or ask for answers alone")
