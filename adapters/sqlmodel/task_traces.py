"""Answers, labels, observations and traffic of deleted tasks, out of their tables."""
from __future__ import annotations

from sqlmodel import SQLModel, col, delete, select

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import LateLabelRecord, ObservationRecord, PredictionRecord, TrafficRecord
from application.ports.task_traces import TaskTraces

_ENTRIES_AT_ONCE = 2_000
_SMALL: tuple[type[SQLModel], ...] = (LateLabelRecord, ObservationRecord, TrafficRecord)


class SqlmodelTaskTraces(TaskTraces):
    def __init__(self, database: Database) -> None:
        self._database = database

    def remove(self, task_name: str) -> int:
        n_rows = self.remove_late(task_name, 2**31 - 1)
        with self._database.write() as session:
            for record in _SMALL:
                session.exec(delete(record).where(record.task == task_name))  # type: ignore[attr-defined]
        return n_rows

    def remove_late(self, task_name: str, up_to_experiment: int) -> int:
        """In pieces, so that other writers get their turn."""
        n_rows, removed = 0, -1
        while removed:
            some = select(PredictionRecord.entry_id).where(
                PredictionRecord.task == task_name, PredictionRecord.experiment_id <= up_to_experiment,
            ).distinct().limit(_ENTRIES_AT_ONCE)
            with self._database.write() as session:
                removed = session.exec(
                    delete(PredictionRecord).where(col(PredictionRecord.entry_id).in_(some))).rowcount
            n_rows += removed
        return n_rows
