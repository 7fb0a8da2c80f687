"""The history in a table, an entry a row."""
from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import HistoryRecord
from application.ports.history import History
from domain.history import Act, Entry, digest_of
from domain.task import NAME

MAX_ID = 2**31 - 1


class SqlmodelHistory(History):
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entry: Entry) -> Entry:
        values = {item.name: getattr(entry, item.name) for item in fields(Entry) if item.name != "id"}
        # One at a time, so that a larger id is never seen before a smaller one, and each digest follows the one before.
        with self._database.write("history:add") as session:
            before = _last_digest(session)
            record = HistoryRecord(**values | {"act": str(entry.act), "detail": dict(entry.detail)}, id=None)
            session.add(record)
            session.flush()
            added = _entry(record)
            record.digest = digest_of(added, before)
            return replace(added, digest=record.digest)

    def newest(self, task: str | None = None, limit: int = 100, before: int | None = None,
               acts: Collection[Act] = tuple(Act), by: str | None = None, after: int | datetime = 0
               ) -> Sequence[Entry]:
        query = select(HistoryRecord).order_by(col(HistoryRecord.id).desc()).where(_later(after))
        if len(acts) < len(Act):
            query = query.where(col(HistoryRecord.act).in_(list(map(str, acts))))
        if before is not None:
            query = query.where(col(HistoryRecord.id) < _id(before))
        return self._found(query, limit, task, by)

    def after(self, after: int | datetime, limit: int, task: str | None = None, by: str | None = None
              ) -> Sequence[Entry]:
        query = select(HistoryRecord).order_by(col(HistoryRecord.id)).where(_later(after))
        return self._found(query, limit, task, by)

    def _found(self, query: SelectOfScalar[HistoryRecord], limit: int, task: str | None, by: str | None
               ) -> Sequence[Entry]:
        if task is not None and not NAME.fullmatch(task) or "\0" in (by or ""):  # no database would take it
            return []
        if by is not None:
            query = query.where(HistoryRecord.by == by)
        if task is not None:
            query = query.where(HistoryRecord.task == task)
        with self._database.read() as session:
            return [_entry(record) for record in session.exec(query.limit(_id(limit)))]


def _last_digest(session: Session) -> str:
    last = session.exec(select(HistoryRecord.digest).order_by(col(HistoryRecord.id).desc()).limit(1)).first()
    return last or ""


def _later(after: int | datetime) -> ColumnElement[bool]:
    return col(HistoryRecord.id) > _id(after) if isinstance(after, int) else col(HistoryRecord.at) > after


def _id(number: int) -> int:
    return min(max(number, 0), MAX_ID)


def _entry(record: HistoryRecord) -> Entry:
    values = {item.name: getattr(record, item.name) for item in fields(Entry)}
    return Entry(**values | {"act": Act(record.act)})
