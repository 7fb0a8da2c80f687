"""Undone and dropped rows, and columns that are taken in."""
from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import delete, inspect
from sqlmodel import col

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.feature_store import delete_rows, make_room, newest_versions, to_version
from adapters.sqlmodel.feature_table import tables_of
from adapters.sqlmodel.models import BatchRecord, BatchState, DroppedDataRecord
from adapters.sqlmodel.present import present
from application.ports.data_keeper import DataKeeper
from application.ports.feature_store import UnknownDatasetVersion
from domain.dataset import DatasetVersion
from domain.task import NAME, Task


class SqlmodelDataKeeper(DataKeeper):
    def __init__(self, database: Database) -> None:
        self._database = database

    def make_room(self, task: Task) -> None:
        with self._database.write(f"dataset:{task.name}") as session:
            make_room(session.connection(), task)

    def undo(self, task_name: str, decide: Callable[[DatasetVersion], None]) -> DatasetVersion:
        if not NAME.fullmatch(task_name):
            raise _no_data(task_name)
        with self._database.write(f"dataset:{task_name}") as session:
            found = newest_versions(session, task_name, 1)
            if not found:
                raise _no_data(task_name)
            undone, batch = to_version(found[0]), present(found[0].id)
            decide(undone)
            # It stays for its number, and its content may come again.
            found[0].state, found[0].digest = BatchState.UNDONE, None
        delete_rows(self._database, batch, task_name)
        with self._database.write() as session:
            present(session.get(BatchRecord, batch)).rows_added = 0
        return undone

    def drop(self, task_name: str, schema_version: int) -> None:
        with self._database.write(f"dataset:{task_name}") as session:
            session.merge(DroppedDataRecord(task=task_name, schema_version=schema_version))
            # First of all: whoever stages rows holds his batch, and finds it gone before he looks for a table.
            session.exec(delete(BatchRecord).where(col(BatchRecord.task) == task_name))
            connection = session.connection()
            for table in tables_of(task_name, inspect(connection).get_table_names()):
                connection.exec_driver_sql(f'DROP TABLE "{table}"')


def _no_data(task_name: str) -> UnknownDatasetVersion:
    return UnknownDatasetVersion(f"the task {task_name} has no data")
