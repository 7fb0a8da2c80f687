"""Answers into the prediction log and the counts."""
from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from application.ports.clock import Clock
from application.ports.prediction_log import AnsweredRows, PredictionLog
from application.ports.serving_models import Candidate, ServedModel
from application.ports.telemetry import Telemetry
from application.serving.current_request import CurrentRequest, current_request
from application.serving.shadows import AskedRows, Shadowed, Shadows
from application.use_cases.answer_rows import Answering, Exchange, GatheredAnswering
from domain.arrays import Array, Floats
from domain.columns.rules import Form
from domain.errors import NotFound, ProgonError
from domain.exchange import Part
from domain.forms import known, to_log
from domain.prediction import Predictions
from domain.rollout import RolloutRole
from domain.rows import ReadRows, Rows
from domain.table import FewRows, Table
from domain.text_cells import CodedTexts


class RecordedAnswering(Answering, GatheredAnswering):
    """Answers to requests are counted and timed, also those before a part that fails, and kept: some rows before they
    are given, the parts of many once all of them were taken, nothing of an exchange that fails. What no request asked
    for is neither counted nor kept. What is kept of answers goes to the shadow too that a rollout put beside the model,
    but for rows that came with their labels.

    timer: seconds of a clock that never jumps. share: of the rows of many, 0..1, that the log keeps.
    """

    def __init__(self, answering: Answering, log: PredictionLog, telemetry: Telemetry, clock: Clock,
                 timer: Callable[[], float], shadows: Shadows, share: float = 1.0) -> None:
        self._answering, self._log, self._telemetry, self._shadows = answering, log, telemetry, shadows
        self._clock, self._timer, self._share = clock, timer, share

    def execute(self, task_name: str, rows: Rows | Iterable[Rows], labelled: bool = False,
                version: int | None = None) -> Exchange:
        request = current_request.get()
        if request is None:
            return self._answering.execute(task_name, rows, labelled, version)
        began = self._timer()
        try:
            exchange = self._answering.execute(task_name, rows, labelled, version)
        except NotFound:
            raise
        except ProgonError:
            request.task = task_name
            raise
        request.task = task_name
        kept = self._some if isinstance(rows, Rows) else self._many
        return Exchange(exchange.served, kept(request, exchange, began))

    def gathered(self, task_name: str, requests: Sequence[CurrentRequest], rows: Sequence[Mapping[str, float | str]],
                 version: int | None = None) -> Exchange:
        began = self._timer()
        exchange = self._answering.execute(task_name, ReadRows(FewRows(rows)), version=version)
        part, = exchange.parts
        scores = self._count(exchange.served, part)
        self._log.append(*self._of_each(requests, exchange.served, rows, part, scores, began))
        if exchange.served.candidate is not None:
            self._hand_over(exchange.served.candidate, part.table, [(request, (1,)) for request in requests],
                            self._shadows.hand_over)
        return Exchange(exchange.served, iter((part,)))

    def _of_each(self, requests: Sequence[CurrentRequest], served: ServedModel,
                 rows: Sequence[Mapping[str, float | str]], part: Part, scores: Array, began: float
                 ) -> Iterator[AnsweredRows]:
        now, names, task = self._clock.now(), served.task.schema.shown_names, served.task.name
        shares, latency_s = _probabilities(part.answers), self._timer() - began
        answers = zip(requests, rows, part.answers.values.tolist(), scores.tolist(), strict=True)
        for place, (request, cells, value, score) in enumerate(answers):
            request.task = task
            yield AnsweredRows(request.id, now, request.route, task, served.experiment_id, (1,),
                               {name: (cells[name],) for name in names}, (value,), (score,), latency_s,
                               probabilities=shares and shares[place:place + 1])

    def _some(self, request: CurrentRequest, exchange: Exchange, began: float) -> Iterator[Part]:
        part, = exchange.parts
        scores = self._count(exchange.served, part)
        now, predictions = self._clock.now(), part.answers.by_row()
        row_nos = list(range(1, predictions.n_rows + 1))
        self._log.append(self._rows(request, now, exchange.served, part.table, predictions, scores, row_nos, began))
        if exchange.served.candidate is not None and part.targets is None:
            self._hand_over(exchange.served.candidate, part.table, [(request, row_nos)], self._shadows.hand_over)
        return iter((part,))

    def _many(self, request: CurrentRequest, exchange: Exchange, began: float) -> Iterator[Part]:
        random, now, seen = np.random.default_rng(_seed(request.id)), self._clock.now(), 0
        with self._shadows.batch() as hand_over, self._log.batch() as append:
            for part in exchange.parts:
                scores, predictions, table = self._count(exchange.served, part), part.answers.by_row(), part.table
                kept = (np.arange(predictions.n_rows) if self._share >= 1 else
                        np.flatnonzero(random.random(predictions.n_rows) < self._share))
                row_nos = (kept + seen + 1).tolist()
                seen += predictions.n_rows
                if len(kept) < predictions.n_rows:
                    table, predictions, scores = table.take(kept), predictions.take(kept), scores[kept]
                append(self._rows(request, now, exchange.served, table, predictions, scores, row_nos, began))
                if exchange.served.candidate is not None and part.targets is None and row_nos:
                    self._hand_over(exchange.served.candidate, table, [(request, row_nos)], hand_over)
                yield part

    @staticmethod
    def _hand_over(candidate: Candidate, table: Table, requests: Sequence[tuple[CurrentRequest, Sequence[int]]],
                   hand_over: Callable[[Shadowed], None]) -> None:
        """requests: each with the numbers of its rows."""
        rollout = candidate.rollout
        if rollout.role is not RolloutRole.SHADOW:
            return
        asked = [AskedRows(request.id, request.route, row_nos) for request, row_nos in requests]
        taken = [rollout.takes(rows.request_id) for rows in asked]
        if not all(taken):
            table = table.take(np.repeat(taken, [len(rows.row_nos) for rows in asked]))
            asked = [rows for rows, is_taken in zip(asked, taken, strict=True) if is_taken]
        if asked:
            hand_over(Shadowed(candidate, asked, table))

    def _count(self, served: ServedModel, part: Part) -> Array:
        """Returns: the scores, which cost something to make."""
        scores = part.answers.scores
        self._telemetry.inferred(served.task.name, part.model_s)
        self._telemetry.predicted(served.task.name, served.experiment_id, _counts(part.answers.by_row()), scores)
        return scores

    def _rows(self, request: CurrentRequest, now: datetime, served: ServedModel, table: Table,
              predictions: Predictions, scores: Array, row_nos: Sequence[int], began: float) -> AnsweredRows:
        """predictions: by row."""
        return AnsweredRows(
            request.id, now, request.route, served.task.name, served.experiment_id, row_nos,
            _inputs(table, served.task.schema.shown_names),
            _few_or_packed(predictions.values), _few_or_packed(scores), self._timer() - began,
            _labels(served, table), _probabilities(predictions))


def _few_or_packed(values: Array) -> list[Any] | Array:
    """Of one row a list is made and written sooner than an array. Of several, numbers and labels that know their codes
    stay as they are."""
    packs = values.dtype.kind == "f" or isinstance(values, CodedTexts) and values.codes is not None
    few: list[Any] = values.tolist() if len(values) == 1 or not packs else []
    return few or values


def _inputs(table: Table, names: Sequence[str]) -> Mapping[str, Sequence[float | str | None] | Floats | CodedTexts]:
    return {name: to_log(table.columns[name]) for name in names}


def _counts(predictions: Predictions) -> Mapping[str, int]:
    if not predictions.labels:
        return {}
    if isinstance(predictions.values, CodedTexts) and predictions.values.codes is not None:
        counts = np.bincount(predictions.values.codes, minlength=len(predictions.values.texts)).tolist()
        return {label: count for label, count in zip(predictions.values.texts, counts, strict=True) if count}
    if predictions.n_rows > 1 and predictions.values.dtype != object:
        labels, counts = np.unique(predictions.values, return_counts=True)
        return dict(zip(map(str, labels.tolist()), counts.tolist(), strict=True))
    return {str(label): count for label, count in Counter(predictions.values.tolist()).items()}


def _labels(served: ServedModel, table: Table) -> list[str | None] | None:
    target = served.task.schema.target
    if target.name not in table or target.private or target.rules.form is Form.ARRAYS:
        return None
    labels = table[target.name]
    return [str(label) if has_one else None for label, has_one in zip(labels, known(labels), strict=True)]


def _probabilities(predictions: Predictions) -> list[list[float]] | None:
    """Of two labels, the score tells both."""
    return predictions.shares.tolist() if len(predictions.labels) > 2 else None


def _seed(request_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(request_id.encode(), digest_size=8).digest(), "little")
