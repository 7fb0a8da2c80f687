"""Answers kept in memory."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from application.ports.prediction_log import AnsweredRows, PredictionLog


class InMemoryPredictionLog(PredictionLog):
    def __init__(self) -> None:
        self._lock = Lock()
        self.kept: list[AnsweredRows] = []

    def append(self, *answers: AnsweredRows) -> None:
        with self._lock:
            self.kept += answers

    @contextmanager
    def batch(self) -> Iterator[Callable[[AnsweredRows], None]]:
        parts: list[AnsweredRows] = []
        yield lambda rows: parts.append(rows) if rows.n_rows else None
        with self._lock:
            self.kept += parts

    def close(self) -> None:
        """What is kept is there for everybody."""
