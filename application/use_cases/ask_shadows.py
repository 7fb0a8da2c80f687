"""What a shadow would have answered."""
from __future__ import annotations

from collections.abc import Callable, Iterator

from application.ports.clock import Clock
from application.ports.prediction_log import AnsweredRows, PredictionLog
from application.ports.shadow_meter import ShadowMeter, ShadowOutcome
from application.serving.shadows import Shadowed, Shadows
from domain.prediction import Predictions


class AskShadows:
    """Asks the candidate of a rollout the rows that were handed over, and keeps its answers in the prediction log as
    those of a shadow. Whoever asked has long been answered by what serves, whatever happens here.

    timer: seconds of a clock that never jumps.
    """

    def __init__(self, shadows: Shadows, log: PredictionLog, meter: ShadowMeter, clock: Clock,
                 timer: Callable[[], float]) -> None:
        self._shadows, self._log, self._meter = shadows, log, meter
        self._clock, self._timer = clock, timer

    def execute(self) -> None:
        """What was handed over at once, or nothing if nothing comes for a moment. Raises: ModelCrashed, and what the
        model raises; these rows are counted as failed then."""
        if (rows := self._shadows.next()) is None:
            return
        began = self._timer()
        try:
            predictions = rows.candidate.model.runner.predict(rows.table)
        except Exception:
            self._meter.count(rows.task, ShadowOutcome.FAILED, rows.table.n_rows)
            raise
        self._log.append(*self._answered(rows, predictions, self._timer() - began))
        self._meter.count(rows.task, ShadowOutcome.ANSWERED, rows.table.n_rows)

    def wake(self) -> None:
        """Ends the wait of an `execute` that goes on, or of the next."""
        self._shadows.wake()

    def _answered(self, rows: Shadowed, predictions: Predictions, latency_s: float) -> Iterator[AnsweredRows]:
        now, experiment_id, begin = self._clock.now(), rows.candidate.rollout.experiment_id, 0
        scores, by_row = predictions.scores, predictions.by_row()
        shares = by_row.shares if len(by_row.labels) > 2 else None
        for asked in rows.requests:
            own = slice(begin, begin := begin + len(asked.row_nos))
            yield AnsweredRows(
                asked.request_id, now, asked.route, rows.task, experiment_id, asked.row_nos, {},
                by_row.values[own].tolist(), scores[own].tolist(), latency_s,
                probabilities=None if shares is None else shares[own].tolist(), shadow=True)
