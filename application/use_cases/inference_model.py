"""The third stage: the exported model on the rows that no training saw."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from application.use_cases.answer_rows import Answering
from domain import prediction
from domain.arrays import Array
from domain.prediction import Predictions
from domain.report import Plot, evaluation_plots
from domain.rows import CoercedRows
from domain.scoring import score
from domain.sheet import Sheet, evaluation_sheets
from domain.table import Table
from domain.task import Task

CHUNK_ROWS = 65_536


@dataclass(frozen=True, eq=False, slots=True)
class Inference:
    """predictions: without what takes much room of many pictures. scores: as `Predictions.scores`."""

    predictions: Predictions
    scores: Array
    metrics: Mapping[str, float]
    plots: list[Plot]
    sheets: list[Sheet]


class InferenceModel:
    """Judges a model file by its answers to the held-out rows, given by the use case that answers the service's
    requests."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    def execute(self, task: Task, test: Table) -> Inference:
        """test: rows of the task's stored columns, at least one. Raises: InvalidInput, ModelCrashed."""
        exchange = self._answering.execute(task.name, map(CoercedRows, test.chunks(CHUNK_ROWS)))
        answers, scores = [], []
        for part in exchange.parts:
            scores.append(part.answers.scores)
            answers.append(part.answers.compact())
        predictions = prediction.concat(answers)
        targets = task.targets(test[task.schema.target.name])
        return Inference(predictions, np.concatenate(scores), score(task, targets, predictions),
                         evaluation_plots(task, targets, predictions), evaluation_sheets(task, test, predictions))
