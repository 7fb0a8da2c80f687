from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlmodel import col

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import PredictionRecord
from adapters.sqlmodel.prediction_store import SHOWN, SqlmodelPredictionStore, conditions_of, stored
from application.ports.answers_beside import AnswersBeside
from application.ports.prediction_store import StoredPrediction, Wanted

# Below the number of variables that SQLite allows in one statement.
_ROWS_AT_ONCE = 5_000


class SqlmodelAnswersBeside(AnswersBeside):
    def __init__(self, database: Database) -> None:
        self._database, self._store = database, SqlmodelPredictionStore(database)

    def count(self, wanted: Wanted) -> int:
        with self._database.read() as session:
            return int(session.execute(select(func.count()).where(*conditions_of(wanted))).scalar_one())

    def pairs(self, wanted: Wanted, limit: int) -> Sequence[tuple[StoredPrediction, StoredPrediction]]:
        shadows = self._store.newest(wanted, limit)
        given = {(row.request_id, row.row_no): row for row in self._given(
            wanted.task, sorted({row.request_id for row in shadows}))}
        return [(row, given[key]) for row in shadows if (key := (row.request_id, row.row_no)) in given]

    def _given(self, task: str, request_ids: Sequence[str]) -> Iterator[StoredPrediction]:
        """Of each request the oldest first."""
        with self._database.read() as session:
            for start in range(0, len(request_ids), _ROWS_AT_ONCE):
                asked = col(PredictionRecord.request_id).in_(request_ids[start:start + _ROWS_AT_ONCE])
                query = select(*SHOWN).where(*conditions_of(Wanted(task)), asked)
                for row in session.execute(query.order_by(col(PredictionRecord.created_at))):
                    yield stored(*row)
