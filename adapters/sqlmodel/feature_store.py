"""Rows of labelled data in one typed table per task.

A batch is staged chunk by chunk, each in its own short transaction, and becomes a version in one more. So the writer's
lock is never held while the caller makes rows, and a process killed half-way leaves rows that nobody sees.
"""
from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

import numpy as np
from sqlalchemy import ColumnElement, Connection, delete, func, inspect, or_, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from adapters.sqlmodel import postgresql_rows, sqlite_rows
from adapters.sqlmodel.database import Database, DatabaseUnavailable
from adapters.sqlmodel.feature_table import Part, Segment, parts_of_task, segments_of, tables_of
from adapters.sqlmodel.models import BatchRecord, BatchState, DroppedDataRecord
from adapters.sqlmodel.present import present
from application.ports.clock import Clock
from application.ports.feature_store import FeatureStore, UnknownDatasetVersion
from domain.dataset import Appended, DatasetVersion
from domain.errors import Conflict, InvalidInput
from domain.table import Table, TableDigest, concat, digest_of
from domain.task import NAME, Task

STAGE_CELLS = 500_000
# A writer that makes few rows still shows that it lives.
STAGE_AT_LEAST_EVERY = timedelta(seconds=60)
ABANDONED_AFTER = timedelta(hours=1)
DELETE_ROWS = 50_000


class SqlmodelFeatureStore(FeatureStore):
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._rows = sqlite_rows if database.is_sqlite else postgresql_rows

    def append(self, task: Task, tables: Iterable[Table]) -> Appended:
        staging = _Staging(self, task)
        try:
            digest = staging.take_all(tables)
            appended = self._accept(task, staging.batch, digest)
        except BaseException:
            # The reason why it failed is what the caller needs; what cannot be removed now is swept later.
            with suppress(DatabaseUnavailable):
                self._discard(staging.batch)
            raise
        if appended.duplicate:
            self._discard(staging.batch)
        return appended

    def digest(self, task: Task, tables: Iterable[Table]) -> str:
        return digest_of(tables)

    def read(self, task: Task, version: int, chunk_rows: int = 65_536,
             columns: Sequence[str] | None = None, after: int = 0) -> Iterator[Table]:
        if not 0 < version < 2**31 or version not in {known.version for known in self.versions(task.name)}:
            raise UnknownDatasetVersion(f"task {task.name} has no dataset version {version}")
        return self._read(task, segments_of(self._batches(task.name, version, after), chunk_rows), columns)

    def versions(self, task_name: str) -> Sequence[DatasetVersion]:
        if not NAME.fullmatch(task_name):
            return []
        query = select(BatchRecord).where(BatchRecord.task == task_name, BatchRecord.state == BatchState.ACCEPTED)
        with self._database.read() as session:
            return [to_version(record) for record in session.exec(query.order_by(col(BatchRecord.version)))]

    def sweep(self) -> int:
        self._finish_undone()
        is_silent = col(BatchRecord.touched_at) < self._clock.now() - ABANDONED_AFTER
        dead = select(BatchRecord.id).where(or_(
            col(BatchRecord.state) == BatchState.DISCARDED,
            (col(BatchRecord.state) == BatchState.STAGED) & is_silent))
        with self._database.read() as session:
            batches = list(session.exec(dead))
        return sum(self._discard(batch, is_silent) for batch in batches)

    def _finish_undone(self) -> None:
        """The rows of batches whose undoing did not end."""
        undone = select(BatchRecord.id, BatchRecord.task).where(
            BatchRecord.state == BatchState.UNDONE, BatchRecord.rows_added > 0)
        with self._database.read() as session:
            waiting = [(present(batch), task) for batch, task in session.exec(undone)]
        for batch, task in waiting:
            delete_rows(self._database, batch, task)
            with self._database.write() as session:
                session.exec(update(BatchRecord).where(col(BatchRecord.id) == batch).values(rows_added=0))

    def _batches(self, task_name: str, version: int, after: int) -> list[tuple[int, int]]:
        query = select(BatchRecord.id, BatchRecord.rows_added).where(
            BatchRecord.task == task_name, BatchRecord.state == BatchState.ACCEPTED,
            col(BatchRecord.version) > after, col(BatchRecord.version) <= version,
        ).order_by(col(BatchRecord.version))
        with self._database.read() as session:
            return [(present(batch), n_rows) for batch, n_rows in session.exec(query)]

    def _read(self, task: Task, chunks: Iterator[list[Segment]], wanted: Sequence[str] | None) -> Iterator[Table]:
        """One short transaction a chunk: versions never change, and a slow reader keeps nobody waiting."""
        parts = parts_of_task(task)
        if wanted is not None:
            parts = tuple(part for whole in parts if (part := whole.only(wanted)).columns)
        order = [column.name for column in task.schema.stored if wanted is None or column.name in wanted]
        for segments in chunks:
            with self._database.read() as session:
                _check_accepted(session, task.name, segments)
                columns = {name: values for part in parts for name, values in self._rows.read_rows(
                    session.connection(), part, part.select_sql(segments)).items()}
            table = Table({name: columns[name] for name in order})
            if table.n_rows != sum(segment.stop - segment.start for segment in segments):
                raise RuntimeError(f"rows of task {task.name} are missing in the database")
            yield _by_version(table, segments)

    def _accept(self, task: Task, batch: int | None, digest: TableDigest) -> Appended:
        if batch is None:
            raise InvalidInput("there are no rows")
        with self._database.write(f"dataset:{task.name}") as session:
            if known := session.exec(_same(task, digest)).first():
                return Appended(to_version(known), duplicate=True)
            record = session.get(BatchRecord, batch, with_for_update=True)
            if record is None or record.state != BatchState.STAGED:
                raise _swept()
            _make_version(record, _last_number(session, task.name) + 1, newest_versions(session, task.name, 1),
                          digest.hexdigest())
            record.created_at = self._clock.now()
            session.flush()
            return Appended(to_version(record), duplicate=False)

    def _open(self, task: Task) -> int:
        """A new staged batch, and tables to put it in."""
        with self._database.write(f"dataset:{task.name}") as session:
            dropped = session.get(DroppedDataRecord, task.name)
            if dropped is not None and task.schema_version <= dropped.schema_version:
                raise Conflict(f"the task {task.name} was deleted meanwhile")
            for part in parts_of_task(task):
                session.connection().exec_driver_sql(part.create_sql())
            make_room(session.connection(), task)
            now = self._clock.now()
            record = BatchRecord(
                task=task.name, batch_id=self._clock.new_id(), state=BatchState.STAGED, created_at=now, touched_at=now)
            session.add(record)
            session.flush()
            return present(record.id)

    def _stage(self, parts: Sequence[Part], batch: int, first_row: int, table: Table) -> None:
        grow = update(BatchRecord).where(*_is_staged(batch)).values(
            rows_added=first_row + table.n_rows, touched_at=self._clock.now())
        with self._database.write() as session:
            # First of all, and it stays locked: from here on a sweep waits, sees that it has grown and lets it be.
            if session.connection().execute(grow).rowcount != 1:
                raise _swept()
            for part in parts:
                self._rows.write_rows(session.connection(), part, batch, first_row, table)

    def _discard(self, batch: int | None, *only_if: ColumnElement[bool]) -> bool:
        """Takes a batch from its writer, then deletes its rows. An accepted one stays; a second call goes on."""
        if batch is None:
            return False
        with self._database.write() as session:
            session.connection().execute(
                update(BatchRecord).where(*_is_staged(batch), *only_if).values(state=BatchState.DISCARDED))
            record = session.get(BatchRecord, batch)
            if record is None or record.state != BatchState.DISCARDED:
                return False
            task_name = record.task
        delete_rows(self._database, batch, task_name)
        # Last of all, so that a crash is noticed.
        with self._database.write() as session:
            session.connection().execute(delete(BatchRecord).where(col(BatchRecord.id) == batch))
        return True


def delete_rows(database: Database, batch: int, task_name: str) -> None:
    """In pieces, so that other writers get their turn."""
    with database.read() as session:
        tables = tables_of(task_name, inspect(session.connection()).get_table_names())
    for table in tables:
        first: int | None = 0
        while first is not None:
            with database.write() as session:
                connection = session.connection()
                connection.exec_driver_sql(
                    f'DELETE FROM "{table}" WHERE batch = {batch} AND row_no < {first + DELETE_ROWS}')
                first = connection.exec_driver_sql(
                    f'SELECT min(row_no) FROM "{table}" WHERE batch = {batch}').scalar()


def make_room(connection: Connection, task: Task) -> None:
    """For the columns that a later schema version took in, in the tables that there are."""
    found = inspect(connection)
    for part in parts_of_task(task):
        if found.has_table(part.table):
            for sql in part.add_sql({column["name"] for column in found.get_columns(part.table)}):
                connection.exec_driver_sql(sql)


def _check_accepted(session: Session, task_name: str, segments: Sequence[Segment]) -> None:
    """Raises: UnknownDatasetVersion if one of them was undone or deleted since the reading began."""
    batches = {segment.batch for segment in segments}
    accepted = select(func.count()).where(
        col(BatchRecord.id).in_(batches), BatchRecord.state == BatchState.ACCEPTED)
    if session.exec(accepted).one() != len(batches):
        raise UnknownDatasetVersion(f"data of the task {task_name} were removed meanwhile")


class _Staging:
    """The rows of one append on their way to the database. `batch` is None until there is a first row."""

    def __init__(self, store: SqlmodelFeatureStore, task: Task) -> None:
        self._store = store
        self._task = task
        self._parts = parts_of_task(task)
        self._names = [column.name for column in task.schema.stored]
        self._chunk_rows = max(1, STAGE_CELLS // len(self._names))
        self._waiting: list[Table] = []
        self._waiting_rows = 0
        self._staged_rows = 0
        self._staged_at = store._clock.now()
        self.batch: int | None = None

    def take_all(self, tables: Iterable[Table]) -> TableDigest:
        """Stages all rows."""
        digest = TableDigest()
        for table in tables:
            for chunk in table.chunks(self._chunk_rows):
                digest.update(chunk)
                self._waiting.append(chunk.select(self._names))
                self._waiting_rows += chunk.n_rows
                if self._is_due():
                    self._flush()
        self._flush()
        return digest

    def _is_due(self) -> bool:
        # Small tables are gathered: each transaction costs a sync of the disk.
        return (self._waiting_rows >= self._chunk_rows
                or self._store._clock.now() - self._staged_at > STAGE_AT_LEAST_EVERY)

    def _flush(self) -> None:
        if not self._waiting:
            return
        table, self._waiting, self._waiting_rows = concat(self._waiting), [], 0
        if self.batch is None:
            self.batch = self._store._open(self._task)
        self._store._stage(self._parts, self.batch, self._staged_rows, table)
        self._staged_rows += table.n_rows
        self._staged_at = self._store._clock.now()


def _is_staged(batch: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(BatchRecord.id) == batch, col(BatchRecord.state) == BatchState.STAGED


def _swept() -> Conflict:
    return Conflict(f"the batch did not grow for {ABANDONED_AFTER} and was given up, or its task was deleted; send it "
                    "again")


def _same(task: Task, digest: TableDigest) -> SelectOfScalar[BatchRecord]:
    names = [digest.hexdigest(), *digest.other_names(column.name for column in task.schema.stored)]
    query = select(BatchRecord).where(BatchRecord.task == task.name, col(BatchRecord.digest).in_(names))
    return query.order_by(col(BatchRecord.version))


def newest_versions(session: Session, task_name: str, limit: int) -> Sequence[BatchRecord]:
    query = select(BatchRecord).where(BatchRecord.task == task_name, BatchRecord.state == BatchState.ACCEPTED)
    return session.exec(query.order_by(col(BatchRecord.version).desc()).limit(limit)).all()


def _last_number(session: Session, task_name: str) -> int:
    """Of a version, which may be undone; 0 if there was none."""
    return session.exec(select(func.max(BatchRecord.version)).where(BatchRecord.task == task_name)).one() or 0


def _make_version(record: BatchRecord, number: int, previous: Sequence[BatchRecord], digest: str) -> None:
    """previous: the newest of those that there are, if there is one."""
    before = previous[0].fingerprint if previous else ""
    record.state = BatchState.ACCEPTED
    record.version = number
    record.total_rows = record.rows_added + (present(previous[0].total_rows) if previous else 0)
    record.digest = digest
    record.fingerprint = hashlib.sha256(f"{before}{digest}".encode()).hexdigest()


def _by_version(table: Table, segments: Sequence[Segment]) -> Table:
    """The database gives rows by batch id; batches staged side by side may have been accepted in another order."""
    batches = [segment.batch for segment in segments]
    if batches == sorted(batches):
        return table
    rows = np.array([segment.stop - segment.start for segment in segments])
    read_order = np.argsort(batches)
    starts = np.empty(len(rows), dtype=np.int64)
    starts[read_order] = np.concatenate(([0], np.cumsum(rows[read_order])[:-1]))
    return table.take(np.concatenate([np.arange(start, start + n) for start, n in zip(starts, rows, strict=True)]))


def to_version(record: BatchRecord) -> DatasetVersion:
    return DatasetVersion(
        task=record.task, version=present(record.version), batch_id=record.batch_id, digest=present(record.digest),
        fingerprint=present(record.fingerprint), rows_added=record.rows_added, rows=present(record.total_rows),
        created_at=record.created_at)
