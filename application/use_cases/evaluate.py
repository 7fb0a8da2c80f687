"""Labelled rows in; answers, and how good they are, out."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from application.ports.serving_models import ServedModel, ServingModels
from domain.errors import InvalidInput
from domain.label_check import LabelCheck
from domain.prediction import CompactPredictions, Predictions
from domain.rows import Rows, coerce_all
from domain.scoring import score
from domain.table import Table


@dataclass(frozen=True, eq=False, slots=True)
class Evaluation:
    served: ServedModel
    predictions: Predictions
    metrics: dict[str, float]


Show = Callable[[ServedModel, Table, Predictions], None]


class Evaluate:
    """Answers every row of a labelled table with the model that serves the task, and scores the answers by the metrics
    of the task's problem. Nothing is kept: to train on the rows, add them.
    """

    def __init__(self, models: ServingModels) -> None:
        self._models = models

    def execute(self, task_name: str, chunks: Iterable[Rows], show: Show = lambda *_: None) -> Evaluation:
        """show: is given the model, rows with their target and answers, part by part in their order.

        Raises: UnknownTask, NothingDeployed, InvalidInput naming faulty rows and columns, ModelCrashed."""
        served = self._models.current(task_name)
        schema, target = served.task.schema, served.task.schema.target
        answers, targets = CompactPredictions(served.runner.card.labels), []
        labels = LabelCheck(served.task)
        for _, table in coerce_all(chunks, (*schema.features, target), schema.spare_names, labels):
            targets.append(labels.targets)
            predictions = served.runner.predict(table.without([target.name]))
            answers.add(predictions)
            show(served, table, predictions)
        if not targets:
            raise InvalidInput("the file has no rows")
        predictions = answers.whole()
        return Evaluation(served, predictions, score(served.task, np.concatenate(targets), predictions))
