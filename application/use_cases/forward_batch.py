"""Many rows in, as many answers out, in their order."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from application.ports.serving_models import ServedModel, ServingModels
from domain.prediction import Predictions
from domain.rows import Rows, coerce_all
from domain.table import Table


@dataclass(frozen=True, eq=False, slots=True)
class BatchPart:
    """Some rows: as they came, as the model saw them, and their answers."""

    rows: Rows
    inputs: Table
    predictions: Predictions


@dataclass(frozen=True, eq=False, slots=True)
class BatchAnswer:
    """parts: made while they are taken, in the order of the rows. Taking them raises InvalidInput naming the faulty
    rows and columns, or ModelCrashed."""

    served: ServedModel
    parts: Iterator[BatchPart]


class ForwardBatch:
    """Answers every row of a table with the model that serves the task, in the order of the rows.

    All rows are answered by one model, also if another is deployed meanwhile. Columns that the task knows but the
    model does not use (the target, ids) may stay in the file.
    """

    def __init__(self, models: ServingModels) -> None:
        self._models = models

    def execute(self, task_name: str, chunks: Iterable[Rows]) -> BatchAnswer:
        """chunks may be made while they are read. Raises: UnknownTask, NothingDeployed."""
        served = self._models.current(task_name)
        schema = served.task.schema
        coerced = coerce_all(chunks, schema.features, optional=schema.spare_names)
        return BatchAnswer(served, (BatchPart(rows, table, served.runner.predict(table)) for rows, table in coerced))
