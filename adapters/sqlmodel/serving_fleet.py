"""The fleet in a table, one row for each worker."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlmodel import col, delete, select

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import ServingWorkerRecord
from application.ports.serving_fleet import ServingFleet, ServingWorker, TakeoverFailure

_KEPT = timedelta(hours=1)


class SqlmodelServingFleet(ServingFleet):
    def __init__(self, database: Database) -> None:
        self._database = database

    def report(self, worker: ServingWorker) -> None:
        with self._database.write(f"serving_worker:{worker.id}") as session:
            session.merge(ServingWorkerRecord(
                id=worker.id, seen_at=worker.seen_at, generations=dict(worker.generations),
                failures={task: asdict(failure) for task, failure in worker.failures.items()}))
            session.exec(delete(ServingWorkerRecord).where(col(ServingWorkerRecord.seen_at) < worker.seen_at - _KEPT))

    def leave(self, worker_id: str) -> None:
        with self._database.write() as session:
            session.exec(delete(ServingWorkerRecord).where(col(ServingWorkerRecord.id) == worker_id))

    def workers(self, seen_since: datetime) -> Sequence[ServingWorker]:
        query = select(ServingWorkerRecord).where(ServingWorkerRecord.seen_at >= seen_since)
        with self._database.read() as session:
            found = session.exec(query).all()
        # Sorted here: what comes first among texts is otherwise a matter of the database's language.
        return sorted(map(_worker, found), key=lambda worker: worker.id)


def _worker(record: ServingWorkerRecord) -> ServingWorker:
    failures = {task: TakeoverFailure(**failure) for task, failure in record.failures.items()}
    return ServingWorker(record.id, record.seen_at, record.generations, failures)
