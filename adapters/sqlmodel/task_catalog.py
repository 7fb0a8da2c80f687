"""Tasks as documents in a table."""
from __future__ import annotations

import json
from collections.abc import Sequence

from sqlmodel import select

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import TaskRecord
from application.ports.task_catalog import TaskCatalog, TaskExists, UnknownTask
from domain.task import NAME, Task
from domain.task_document import from_document, to_document


class SqlmodelTaskCatalog(TaskCatalog):
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, task: Task) -> None:
        # Compared as it is read again: lists for tuples, plain strings for enums.
        document = json.loads(json.dumps(to_document(task)))
        with self._database.write(f"task:{task.name}") as session:
            known = session.get(TaskRecord, task.name)
            if known is None:
                session.add(TaskRecord(name=task.name, document=document))
            elif known.document != document:
                raise TaskExists(f"there is another task {task.name}")

    def get(self, name: str) -> Task:
        record = None
        # What is no name is not asked for: a NUL from a query string would fail in the driver.
        if NAME.fullmatch(name):
            with self._database.read() as session:
                record = session.get(TaskRecord, name)
        if record is None:
            raise UnknownTask(f"there is no task {name}")
        return from_document(record.document)

    def all(self) -> Sequence[Task]:
        with self._database.read() as session:
            records = session.exec(select(TaskRecord)).all()
        # Sorted here: the order of a database depends on its locale.
        return [from_document(record.document) for record in sorted(records, key=lambda record: record.name)]
