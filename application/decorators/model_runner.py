"""A model that is given its time for each piece of the rows, so that many of them are no reason to call it slow."""
from __future__ import annotations

from collections.abc import Callable

from application.ports.model_runner import ModelRunner
from domain import prediction
from domain.prediction import ModelCard, Predictions
from domain.table import Table


class SteppedRunner(ModelRunner):
    """step_rows: answered in one step; `step` is called before each, where there are several."""

    def __init__(self, runner: ModelRunner, step_rows: int, step: Callable[[], None]) -> None:
        self._runner, self._step_rows, self._step = runner, step_rows, step

    @property
    def card(self) -> ModelCard:
        return self._runner.card

    def predict(self, table: Table) -> Predictions:
        if table.n_rows <= self._step_rows:
            return self._runner.predict(table)
        return prediction.concat([self._stepped(rows) for rows in table.chunks(self._step_rows)])

    def _stepped(self, rows: Table) -> Predictions:
        self._step()
        return self._runner.predict(rows)
