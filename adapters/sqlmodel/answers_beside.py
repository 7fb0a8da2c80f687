from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, tuple_
from sqlmodel import col

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import PredictionRecord
from adapters.sqlmodel.prediction_store import PLACE, SHOWN, SqlmodelPredictionStore, conditions_of, placed, stored
from application.ports.answers_beside import AnswersBeside
from application.ports.prediction_store import Place, StoredPrediction, Wanted

_KEY = (col(PredictionRecord.request_id), col(PredictionRecord.row_no))


class SqlmodelAnswersBeside(AnswersBeside):
    def __init__(self, database: Database) -> None:
        self._database, self._store = database, SqlmodelPredictionStore(database)

    def count(self, wanted: Wanted) -> int:
        with self._database.read() as session:
            return int(session.execute(select(func.count()).where(*conditions_of(wanted))).scalar_one())

    def pairs(self, wanted: Wanted, limit: int) -> Sequence[tuple[StoredPrediction, StoredPrediction]]:
        shadows = self._store.newest(wanted, limit)
        found = sorted(self._given(wanted, shadows[-1].place), key=lambda row: row.place) if shadows else []
        given = {(row.request_id, row.row_no): row for row in found}
        return [(row, given[key]) for row in shadows if (key := (row.request_id, row.row_no)) in given]

    def _given(self, wanted: Wanted, oldest: Place) -> Sequence[StoredPrediction]:
        """What was given of the rows that are wanted, from the place of the oldest on. Joined, and not asked for by
        their keys: then the database finds each in the index of requests, one of them may be of a million rows."""
        asked = select(*_KEY).distinct().where(*conditions_of(wanted), tuple_(*PLACE) >= placed(oldest)).subquery()
        query = select(*SHOWN).join(asked, tuple_(*_KEY) == tuple_(*asked.c)).where(*conditions_of(Wanted(wanted.task)))
        with self._database.read() as session:
            return [stored(*row) for row in session.execute(query)]
