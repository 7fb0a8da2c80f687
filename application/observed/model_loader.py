from __future__ import annotations

from collections.abc import Callable

from application.observed.request import ANSWERING, current_request
from application.ports.model_runner import ModelLoader, ModelRunner
from application.ports.telemetry import Telemetry
from domain.prediction import ModelCard, Predictions
from domain.table import Table


class ObservedModelLoader(ModelLoader):
    """Loads models whose runs for requests are timed; those for a check are not."""

    def __init__(self, loader: ModelLoader, telemetry: Telemetry, timer: Callable[[], float]) -> None:
        self._loader, self._telemetry, self._timer = loader, telemetry, timer

    def load(self, model: bytes) -> ModelRunner:
        return ObservedModelRunner(self._loader.load(model), self._telemetry, self._timer)

    def stamp(self, model: bytes, metadata: dict[str, str]) -> bytes:
        return self._loader.stamp(model, metadata)


class ObservedModelRunner(ModelRunner):
    def __init__(self, runner: ModelRunner, telemetry: Telemetry, timer: Callable[[], float]) -> None:
        self._runner, self._telemetry, self._timer = runner, telemetry, timer
        self._task = runner.card.task

    @property
    def card(self) -> ModelCard:
        return self._runner.card

    def predict(self, table: Table) -> Predictions:
        request = current_request.get()
        if request is None or request.route not in ANSWERING:
            return self._runner.predict(table)
        began = self._timer()
        predictions = self._runner.predict(table)
        self._telemetry.inferred(self._task, self._timer() - began)
        return predictions
