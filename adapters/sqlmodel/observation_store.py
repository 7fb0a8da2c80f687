"""What was seen last of each model, a row a task."""
from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import select

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import ObservationRecord
from application.ports.observation_store import ObservationStore
from domain.observation import ObservedModel, read_observed, replaces


class SqlmodelObservationStore(ObservationStore):
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, observed: ObservedModel) -> None:
        with self._database.write(f"observation:{observed.task}") as session:
            before = session.get(ObservationRecord, observed.task)
            if before is None or replaces(observed.at, before.at):
                session.merge(ObservationRecord(task=observed.task, experiment_id=observed.experiment_id,
                                                at=observed.at, document=observed.to_document()))

    def all(self) -> Sequence[ObservedModel]:
        with self._database.read() as session:
            return [read_observed(record.task, record.experiment_id, record.at, record.document)
                    for record in session.exec(select(ObservationRecord).order_by(ObservationRecord.task))]
