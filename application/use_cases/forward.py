"""One row in, one answer out."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.serving_models import ServedModel, ServingModels
from domain.coercion import coerce_row
from domain.prediction import Predictions
from domain.table import Table


@dataclass(frozen=True, eq=False, slots=True)
class ForwardAnswer:
    """inputs: the row as the model saw it; predictions: of one row."""

    served: ServedModel
    inputs: Table
    predictions: Predictions


class Forward:
    """Answers one row with the model that serves the task.

    Every feature must be there by its name; `null` means missing, where the task allows it. A number column takes
    JSON numbers, a category column strings. The target, ids and other columns that the task knows but the model does
    not use may stay in the row.
    """

    def __init__(self, models: ServingModels) -> None:
        self._models = models

    def execute(self, task_name: str, row: Mapping[str, object]) -> ForwardAnswer:
        """Raises: UnknownTask, NothingDeployed, InvalidInput naming each faulty column, ModelCrashed."""
        served = self._models.current(task_name)
        schema = served.task.schema
        inputs = coerce_row(schema.features, row, optional=schema.spare_names)
        return ForwardAnswer(served, inputs, served.runner.predict(inputs))
