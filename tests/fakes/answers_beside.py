"""Stored answers beside each other, in memory."""
from __future__ import annotations

from collections.abc import Sequence

from application.ports.answers_beside import AnswersBeside
from application.ports.prediction_store import StoredPrediction, Wanted
from tests.fakes.prediction_store import InMemoryPredictionStore

_ALL = 1_000_000


class InMemoryAnswersBeside(AnswersBeside):
    def __init__(self, store: InMemoryPredictionStore) -> None:
        self._store = store

    def count(self, wanted: Wanted) -> int:
        return len(self._store.newest(wanted, _ALL))

    def pairs(self, wanted: Wanted, limit: int) -> Sequence[tuple[StoredPrediction, StoredPrediction]]:
        newest = self._store.newest(Wanted(wanted.task), _ALL)
        given = {(row.request_id, row.row_no): row for row in reversed(newest)}
        return [(row, given[row.request_id, row.row_no]) for row in self._store.newest(wanted, limit)
                if (row.request_id, row.row_no) in given]
