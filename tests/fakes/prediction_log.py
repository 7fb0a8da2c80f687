"""Answers kept in memory."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock

import numpy as np

from application.ports.prediction_log import AnsweredRows, PredictionLog


class InMemoryPredictionLog(PredictionLog):
    def __init__(self) -> None:
        self._lock = Lock()
        self.kept: list[AnsweredRows] = []

    def append(self, *answers: AnsweredRows) -> None:
        with self._lock:
            self.kept += map(_as_lists, answers)

    @contextmanager
    def batch(self) -> Iterator[Callable[[AnsweredRows], None]]:
        parts: list[AnsweredRows] = []
        yield lambda rows: parts.append(_as_lists(rows)) if rows.n_rows else None
        with self._lock:
            self.kept += parts

    def close(self) -> None:
        """What is kept is there for everybody."""


def _as_lists(rows: AnsweredRows) -> AnsweredRows:
    arrays = {name: values.tolist() for name in ("predictions", "scores")
              if isinstance(values := getattr(rows, name), np.ndarray)}
    return replace(rows, **arrays)
