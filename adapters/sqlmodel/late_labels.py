"""Late labels in a table, one row for each answer that got one."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import select

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import LateLabelRecord
from application.ports.late_labels import LateLabel, LateLabels

# Below the number of variables that SQLite allows in one statement.
_ROWS_AT_ONCE = 5_000


class SqlmodelLateLabels(LateLabels):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = (sqlite if database.is_sqlite else postgresql).insert

    def add(self, task: str, labels: Sequence[LateLabel]) -> None:
        if not labels:
            return
        rows = list({label.request_id: {"task": task, "request_id": label.request_id, "label": label.label}
                     for label in labels}.values())
        with self._database.write() as session:
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                insert = self._insert(LateLabelRecord).values(rows[start:start + _ROWS_AT_ONCE])
                session.exec(insert.on_conflict_do_update(
                    index_elements=["task", "request_id"], set_={"label": insert.excluded.label}))

    def get(self, task: str, request_ids: Sequence[str]) -> Sequence[LateLabel]:
        found: dict[str, str] = {}
        with self._database.read() as session:
            for start in range(0, len(request_ids), _ROWS_AT_ONCE):
                query = select(LateLabelRecord).where(
                    LateLabelRecord.task == task,
                    LateLabelRecord.request_id.in_(request_ids[start:start + _ROWS_AT_ONCE]))
                found |= {record.request_id: record.label for record in session.exec(query)}
        return [LateLabel(request_id, found[request_id]) for request_id in request_ids if request_id in found]
