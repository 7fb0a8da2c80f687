"""Tasks as documents in a table, each schema version a row."""
from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.models import TaskRecord, TaskVersionRecord
from application.ports.task_catalog import TaskCatalog, TaskExists, UnknownTask
from domain.task import NAME, Task
from domain.task_document import from_document, to_document

Key = tuple[str, int]


class SqlmodelTaskCatalog(TaskCatalog):
    """What was read stays read: a schema version never changes. So nearly always a look costs a row without its
    document."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[Key, Task] = {}

    def add(self, task: Task) -> Task:
        with self._database.write(_lock(task.name)) as session:
            record = session.get(TaskRecord, task.name)
            if record is not None and record.leaving:
                raise TaskExists(f"a task {task.name} is being deleted; delete it once more if that does not end")
            if record is None:
                version = _last_version(session, task.name) + 1
                session.add(TaskRecord(name=task.name, schema_version=version))
                session.add(TaskVersionRecord(task=task.name, schema_version=version, document=_document(task)))
            elif _found(session, task.name, record.schema_version).document != _document(task):
                raise TaskExists(f"there is another task {task.name}")
        return self.get(task.name)

    def get(self, name: str, schema_version: int | None = None) -> Task:
        # What is no name is not asked for: a NUL from a query string would fail in the driver.
        if NAME.fullmatch(name):
            with self._database.read() as session:
                record = session.get(TaskRecord, name)
                if record is not None and not record.leaving:
                    version = record.schema_version if schema_version is None else schema_version
                    return self._read(session, name, version)
        raise UnknownTask(f"there is no task {name}")

    def all(self, fresh: bool = False) -> Sequence[Task]:
        with self._database.read() as session:
            records = session.exec(select(TaskRecord).where(col(TaskRecord.leaving).is_(False))).all()
            # Sorted here: the order of a database depends on its locale.
            return [self._read(session, record.name, record.schema_version)
                    for record in sorted(records, key=lambda record: record.name)]

    def change(self, name: str, decide: Callable[[Task], Task]) -> Task:
        with self._database.write(_lock(name)) as session:
            record = session.get(TaskRecord, name, with_for_update=True)
            if record is None or record.leaving:
                raise UnknownTask(f"there is no task {name}")
            before = self._read(session, name, record.schema_version)
            after = decide(before)
            if after != before:
                record.schema_version += 1
                session.add(TaskVersionRecord(
                    task=name, schema_version=record.schema_version, document=_document(after)))
        return self.get(name)

    def remove(self, name: str, clear: Callable[[Task], None]) -> Task:
        removed = self._leave(name)
        clear(removed)
        with self._database.write(_lock(name)) as session:
            record = session.get(TaskRecord, name)
            if record is not None and record.leaving:
                session.delete(record)
        return removed

    def _leave(self, name: str) -> Task:
        with self._database.write(_lock(name)) as session:
            record = session.get(TaskRecord, name, with_for_update=True)
            if record is None:
                raise UnknownTask(f"there is no task {name}")
            record.leaving = True
            return self._read(session, name, record.schema_version)

    def _read(self, session: Session, name: str, version: int) -> Task:
        if (name, version) not in self._known:
            record = _found(session, name, version)
            self._known[name, version] = from_document(record.document, version)
        return self._known[name, version]


def _lock(name: str) -> str:
    """Raises: UnknownTask for what is no name: a NUL in one would fail in the driver."""
    if not NAME.fullmatch(name):
        raise UnknownTask(f"there is no task {name}")
    return f"task:{name}"


def _found(session: Session, name: str, version: int) -> TaskVersionRecord:
    record = session.get(TaskVersionRecord, (name, version)) if 0 < version < 2**31 else None
    if record is None:
        raise UnknownTask(f"the task {name} has no schema version {version}")
    return record


def _last_version(session: Session, name: str) -> int:
    """That a task of this name had, which may be deleted; 0 if there was none."""
    newest = select(func.max(TaskVersionRecord.schema_version)).where(TaskVersionRecord.task == name)
    return session.exec(newest).one() or 0


def _document(task: Task) -> dict[str, Any]:
    """As it is read again: lists for tuples, plain strings for enums."""
    document: dict[str, Any] = json.loads(json.dumps(to_document(task)))
    return document
