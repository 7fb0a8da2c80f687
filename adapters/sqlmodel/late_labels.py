"""Late labels in a table, one row for each answered row that got one."""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import LateLabelRecord, PredictionRecord
from application.ports.late_labels import LateLabels
from domain.late_labels import LateLabel

# Whoever adds answers or labels holds it, so that neither of the two misses the other.
JOIN_LOCK = "prediction_log:labels"
# Of one statement, below the number that SQLite allows, also where each has a few.
VARIABLES = 5_000
_LABEL_ANSWERS = (
    "UPDATE prediction_log SET label = {0} WHERE task = {0} AND request_id = {0} AND row_no = {0}")


class SqlmodelLateLabels(LateLabels):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = (sqlite if database.is_sqlite else postgresql).insert
        self._label_answers = _LABEL_ANSWERS.format("?" if database.is_sqlite else "%s")

    def add(self, task: str, labels: Sequence[LateLabel]) -> None:
        if not labels:
            return
        found = {(label.request_id, label.row_no): label.label for label in labels}
        keys = sorted(found)
        with self._database.write(JOIN_LOCK) as session:
            for start in range(0, len(keys), VARIABLES):
                rows = [{"task": task, "request_id": name, "row_no": row_no, "label": found[name, row_no]}
                        for name, row_no in keys[start:start + VARIABLES]]
                insert = self._insert(LateLabelRecord).values(rows)
                session.exec(insert.on_conflict_do_update(
                    index_elements=["task", "request_id", "row_no"], set_={"label": insert.excluded.label}))
                self._label(session.connection(), rows)

    def answered(self, task: str, request_ids: Sequence[str]) -> Collection[str]:
        found: set[str] = set()
        with self._database.read() as session:
            for start in range(0, len(request_ids), VARIABLES):
                found.update(session.exec(select(PredictionRecord.request_id).where(
                    PredictionRecord.task == task,
                    col(PredictionRecord.request_id).in_(request_ids[start:start + VARIABLES])).distinct()))
        return found

    def get(self, task: str, request_ids: Sequence[str]) -> Sequence[LateLabel]:
        found: dict[str, list[LateLabel]] = {}
        with self._database.read() as session:
            for start in range(0, len(request_ids), VARIABLES):
                query = select(LateLabelRecord).where(
                    LateLabelRecord.task == task,
                    col(LateLabelRecord.request_id).in_(request_ids[start:start + VARIABLES]))
                for record in session.exec(query.order_by(col(LateLabelRecord.row_no))):
                    found.setdefault(record.request_id, []).append(
                        LateLabel(record.request_id, record.label, record.row_no))
        return [label for request_id in request_ids for label in found.get(request_id, ())]

    def _label(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
        connection.exec_driver_sql(self._label_answers, [
            (row["label"], row["task"], row["request_id"], row["row_no"]) for row in rows])
