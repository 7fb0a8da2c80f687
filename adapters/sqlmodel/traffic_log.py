"""Requests by minute, a row for each task."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise

from sqlalchemy import func, literal, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, delete, select

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import TrafficRecord
from application.ports.traffic_log import TrafficLog
from domain.traffic import TrafficCount, TrafficMinute

_COUNTS = ("requests", "refused", "failed")


class SqlmodelTrafficLog(TrafficLog):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = (sqlite if database.is_sqlite else postgresql).insert

    def add(self, minutes: Sequence[TrafficMinute]) -> None:
        if not minutes:
            return
        with self._database.write("traffic") as session:
            for minute in minutes:
                insert = self._insert(TrafficRecord).values(**asdict(minute))
                session.exec(insert.on_conflict_do_update(index_elements=["task", "at"], set_={
                    name: getattr(TrafficRecord, name) + insert.excluded[name] for name in _COUNTS}))

    def since(self, moment: datetime, task: str | None = None) -> Sequence[TrafficMinute]:
        query = select(TrafficRecord).where(TrafficRecord.at >= moment)
        if task is not None:
            query = query.where(TrafficRecord.task == task)
        with self._database.read() as session:
            return [TrafficMinute(record.task, record.at, record.requests, record.refused, record.failed)
                    for record in session.exec(query.order_by(col(TrafficRecord.at), col(TrafficRecord.task)))]

    def counts(self, task: str, edges: Sequence[datetime]) -> Sequence[TrafficCount]:
        sums = [func.coalesce(func.sum(getattr(TrafficRecord, name)), 0) for name in _COUNTS]
        spans = [select(literal(number), *sums).where(TrafficRecord.task == task, TrafficRecord.at >= since,
                                                      TrafficRecord.at < until)
                 for number, (since, until) in enumerate(pairwise(edges))]
        with self._database.read() as session:
            found = session.execute(union_all(*spans)).all()
        return [TrafficCount(*map(int, counts)) for _, *counts in sorted(found)]

    def forget(self, before: datetime) -> int:
        with self._database.write() as session:
            return session.exec(delete(TrafficRecord).where(col(TrafficRecord.at) < before)).rowcount
