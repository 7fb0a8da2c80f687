"""The prediction log."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from application.ports.prediction_store import StoredPrediction
from entrypoints.answers.answer import Answer, Moment, says


class PredictionAnswer(Answer):
    """One answered row."""

    request_id: str
    row_no: Annotated[int, says("In the request")]
    created_at: Moment
    route: str
    task: str
    experiment_id: int
    inputs: Annotated[Mapping[str, float | str | None], says("By column; null is no value")]
    prediction: str
    score: float
    label: Annotated[str | None, says("The truth, where it is known")]
    latency_s: float
    probabilities: Annotated[Sequence[float] | None, says("In the order of the task's labels")]

    @classmethod
    def of(cls, row: StoredPrediction) -> PredictionAnswer:
        return cls(
            request_id=row.request_id, row_no=row.row_no, created_at=row.created_at, route=row.route, task=row.task,
            experiment_id=row.experiment_id, inputs=row.inputs, prediction=row.prediction, score=row.score,
            label=row.label, latency_s=row.latency_s, probabilities=row.probabilities)


class PredictionsAnswer(Answer):
    """Some answered rows, the newest first."""

    predictions: Sequence[PredictionAnswer]
    next: Annotated[str | None, says("`before` of the page that follows; null on the last")]

    @classmethod
    def of(cls, rows: Iterable[StoredPrediction], next: str | None) -> PredictionsAnswer:
        return cls([PredictionAnswer.of(row) for row in rows], next)
