"""The history in a table, an entry a row."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from sqlmodel import col, select

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import HistoryRecord
from application.ports.history import History
from domain.history import Act, Entry
from domain.task import NAME

MAX_ID = 2**31 - 1


class SqlmodelHistory(History):
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entry: Entry) -> Entry:
        values = {item.name: getattr(entry, item.name) for item in fields(Entry) if item.name != "id"}
        # One at a time, so that a larger id is never seen before a smaller one.
        with self._database.write("history:add") as session:
            record = HistoryRecord(**values | {"act": str(entry.act), "detail": dict(entry.detail)}, id=None)
            session.add(record)
            session.flush()
            return _entry(record)

    def newest(self, task: str | None = None, limit: int = 100, before: int | None = None) -> Sequence[Entry]:
        if task is not None and not NAME.fullmatch(task):
            return []
        query = select(HistoryRecord).order_by(col(HistoryRecord.id).desc()).limit(min(max(limit, 0), MAX_ID))
        if task is not None:
            query = query.where(HistoryRecord.task == task)
        if before is not None:
            query = query.where(col(HistoryRecord.id) < min(max(before, 0), MAX_ID))
        with self._database.read() as session:
            return [_entry(record) for record in session.exec(query)]


def _entry(record: HistoryRecord) -> Entry:
    values = {item.name: getattr(record, item.name) for item in fields(Entry)}
    return Entry(**values | {"act": Act(record.act)})
