"""An answer into the prediction log and the counts."""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from application.observed.request import ObservedRequest
from application.ports.clock import Clock
from application.ports.prediction_log import AnsweredRows, PredictionLog
from application.ports.serving_models import ServedModel
from application.ports.telemetry import Telemetry
from domain.prediction import Predictions
from domain.schema import ColumnType
from domain.table import Table

Keep = Callable[[ServedModel, Table, Predictions], None]


@dataclass(frozen=True, slots=True)
class Recorder:
    """timer: seconds of a clock that never jumps. share: of the rows of batches, 0..1, that the log keeps; single rows
    are all kept."""

    log: PredictionLog
    telemetry: Telemetry
    clock: Clock
    timer: Callable[[], float]
    share: float = 1.0

    def keep_row(self, request: ObservedRequest, served: ServedModel, inputs: Table, predictions: Predictions,
                 began: float) -> None:
        scores = self._count(served, predictions)
        self.log.append(self._rows(request, self.clock.now(), served, inputs, predictions, scores, (1,), began))

    @contextmanager
    def batch(self, request: ObservedRequest, began: float) -> Iterator[Keep]:
        """Gives what the parts of one answer are shown to, in their order. Nothing of it is kept if the block raises.
        Where the table has the target, that is the label."""
        random, now, seen = np.random.default_rng(_seed(request.id)), self.clock.now(), 0
        # A single picture comes as a batch of one.
        share = 1.0 if request.route == "/forward" else self.share
        with self.log.batch() as append:
            def keep(served: ServedModel, table: Table, predictions: Predictions) -> None:
                nonlocal seen
                scores = self._count(served, predictions)
                kept = np.flatnonzero(random.random(predictions.n_rows) < share)
                row_nos = (kept + seen + 1).tolist()
                seen += predictions.n_rows
                if len(kept) < predictions.n_rows:
                    table, predictions, scores = table.take(kept), predictions.take(kept), scores[kept]
                append(self._rows(request, now, served, table, predictions, scores, row_nos, began))
            yield keep

    def _count(self, served: ServedModel, predictions: Predictions) -> np.ndarray:
        """Returns: the scores, which cost something to make."""
        scores = predictions.scores
        self.telemetry.predicted(served.task.name, served.experiment_id, _counts(predictions.by_row()), scores)
        return scores

    def _rows(self, request: ObservedRequest, now: datetime, served: ServedModel, table: Table,
              predictions: Predictions, scores: np.ndarray, row_nos: Sequence[int], began: float) -> AnsweredRows:
        columns, schema, predictions = table.columns, served.task.schema, predictions.by_row()
        return AnsweredRows(
            request.id, now, request.route, served.task.name, served.experiment_id, row_nos,
            {name: _hashes(columns[name]) if schema[name].type is ColumnType.PICTURE else columns[name].tolist()
             for name in schema.shown_names},
            predictions.values.tolist(), scores.tolist(), self.timer() - began,
            _labels(served, table), _probabilities(predictions))


def _counts(predictions: Predictions) -> Mapping[str, int]:
    if not predictions.labels:
        return {}
    if predictions.n_rows == 1:
        return {str(predictions.values[0]): 1}
    distinct, counts = np.unique(predictions.values.astype(str), return_counts=True)
    return dict(zip(distinct.tolist(), counts.tolist(), strict=True))


def _hashes(pictures: np.ndarray) -> list[str]:
    return [hashlib.sha256(np.ascontiguousarray(picture)).hexdigest() for picture in pictures]


def _labels(served: ServedModel, table: Table) -> list[str] | None:
    target = served.task.schema.target
    if target.name not in table.columns or target.private or target.type is ColumnType.MASK:
        return None
    return list(map(str, table[target.name]))


def _probabilities(predictions: Predictions) -> list[list[float]] | None:
    """Of two labels, the score tells both."""
    return predictions.probabilities.tolist() if len(predictions.labels) > 2 else None


def _seed(request_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(request_id.encode(), digest_size=8).digest(), "little")
