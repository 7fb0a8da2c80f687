"""A spool in memory, filled by hand."""
from __future__ import annotations

from collections.abc import Sequence

from application.ports.prediction_log import AnsweredRows
from application.ports.prediction_spool import PredictionSpool, SpooledRows


class InMemoryPredictionSpool(PredictionSpool):
    def __init__(self) -> None:
        self._waiting: list[SpooledRows] = []
        self._given = self._number = 0

    def put(self, rows: AnsweredRows) -> None:
        self._number += 1
        self._waiting.append(SpooledRows(f"entry {self._number}", rows))

    def pending(self, limit_rows: int) -> Sequence[SpooledRows]:
        given, rows = [], 0
        for entry in self._waiting:
            if rows >= limit_rows:
                break
            given.append(entry)
            rows += entry.rows.n_rows
        self._given = len(given)
        return given

    def shipped(self) -> None:
        del self._waiting[:self._given]
        self._given = 0

    def backlog_rows(self) -> int:
        return sum(entry.rows.n_rows for entry in self._waiting)

    def torn(self) -> int:
        return 0

    def close(self) -> None:
        """No other process is there."""
