"""One database, SQLite or PostgreSQL: connections, transactions and locks."""
from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, exc, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlmodel import Session

from adapters.sqlmodel.present import present
from application.ports.storage import StorageDamaged, StorageReadOnly, StorageUnavailable
from domain.errors import NoRoom


class DatabaseUnavailable(StorageUnavailable):
    """The database cannot be reached, or a lock was not had in time."""

    code = "database_unavailable"


class DatabaseFull(NoRoom, DatabaseUnavailable):
    """It answers, but there is no room on its disk for what was to be written."""

    code = "database_full"


class DatabaseReadOnly(StorageReadOnly, DatabaseUnavailable):
    code = "database_read_only"


class DatabaseDamaged(StorageDamaged, DatabaseUnavailable):
    code = "database_damaged"


class Database:
    """Connects when first used. Thread-safe: yes; for a child made by fork: no, make another there.

    url: `sqlite:///path` or `postgresql+psycopg://...`. A database in memory is refused: each connection would see
    another one.
    """

    def __init__(self, url: str, *, lock_timeout_s: float = 30.0, pool_size: int = 10) -> None:
        self._url = _checked(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self.engine = (_sqlite_engine if self.is_sqlite else _postgresql_engine)(self._url, lock_timeout_s, pool_size)
        self._writer = self.engine.execution_options(immediate=True)
        # COPY and bulk reading talk to the driver itself.
        driver = self.engine.dialect.loaded_dbapi
        self._outages: tuple[type[Exception], ...] = (
            exc.OperationalError, exc.InterfaceError, exc.TimeoutError, driver.OperationalError)
        self._told: tuple[type[Exception], ...] = (*self._outages, exc.DatabaseError, driver.DatabaseError)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads. Raises: DatabaseUnavailable."""
        with self._transaction(self.engine) as session:
            yield session

    @contextmanager
    def write(self, *locks: str) -> Iterator[Session]:
        """A transaction that writes, committed at the end, rolled back by whatever is raised in it.

        What holds one of `locks` runs alone, in all processes. On SQLite every writer runs alone.
        Raises: DatabaseUnavailable.
        """
        with self._transaction(self._writer) as session:
            # A session begins at its first statement; a writer's turn begins here.
            session.connection()
            for name in () if self.is_sqlite else sorted(locks):
                hold_lock(session.connection(), name)
            yield session

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A writer's connection without a transaction. The folder of a SQLite file is made if it is not there.

        Raises: DatabaseUnavailable.
        """
        if self.is_sqlite:
            Path(str(self._url.database)).absolute().parent.mkdir(parents=True, exist_ok=True)
        with self._outage_told(), self._writer.connect() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Session]:
        with self._outage_told(), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def _outage_told(self) -> Iterator[None]:
        try:
            yield
        except self._told as error:
            # Neither the URL nor the statement goes into the text: callers of the API may read it.
            if (outage := self._outage_of(error)) is None:
                raise
            raise outage from error

    def _outage_of(self, error: Exception) -> DatabaseUnavailable | None:
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF if self.is_sqlite else getattr(cause, "sqlstate", None)
        if code in _FULL or code in _OF_A_DISK and _has_no_room(Path(str(self._url.database))):
            return DatabaseFull("the disk that the database lies on has no room")
        if code in _READ_ONLY or code in _DAMAGED:
            # A connection to a file stays what it was when it was opened.
            self.engine.dispose()
            return (DatabaseReadOnly("the database is read-only") if code in _READ_ONLY else
                    DatabaseDamaged("the database is damaged: what it holds cannot be read; restore a backup"))
        return DatabaseUnavailable("the database does not answer") if isinstance(error, self._outages) else None


# https://www.sqlite.org/rescode.html, https://www.postgresql.org/docs/current/errcodes-appendix.html
_FULL = (sqlite3.SQLITE_FULL, "53100")
_READ_ONLY = (sqlite3.SQLITE_READONLY, "25006")
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, "XX001", "XX002")
# SQLite says so too where it cannot make room for what lies beside the database.
_OF_A_DISK = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
_LEAST_BYTES = 64 << 10


def _has_no_room(file: Path) -> bool:
    try:
        disk = os.statvfs(file.parent)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < _LEAST_BYTES


def driver_of(connection: Connection) -> Any:
    """The driver's own connection, of sqlite3 or psycopg."""
    return present(connection.connection.driver_connection)


_ADVISORY_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


def hold_lock(connection: Connection, name: str) -> None:
    """Of PostgreSQL alone, until the transaction ends."""
    connection.execute(_ADVISORY_LOCK, {"name": f"progon:{name}"})


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except exc.ArgumentError as failure:
        raise ValueError("this is no URL of a database") from failure
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise ValueError(f"a database is SQLite or PostgreSQL, not {backend}")
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.database in (None, "", ":memory:") or "mode=memory" in str(parsed):
        raise ValueError("a SQLite database has to be a file")
    return parsed


def _postgresql_engine(url: URL, lock_timeout_s: float, pool_size: int) -> Engine:
    # A ping per checkout (0.1 ms) is what makes the service survive a restart of the server.
    return create_engine(
        url, pool_pre_ping=True, pool_size=pool_size, max_overflow=pool_size, pool_timeout=lock_timeout_s,
        connect_args={"connect_timeout": 10, "keepalives_idle": 30})


def _sqlite_engine(url: URL, lock_timeout_s: float, pool_size: int) -> Engine:
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=2 * pool_size, pool_timeout=lock_timeout_s,
        connect_args={"timeout": lock_timeout_s})

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own BEGIN comes late and never before DDL; without it ours stands first, and DDL rolls back.
        connection.isolation_level = None
        _use_wal(connection, lock_timeout_s)
        # FULL syncs each commit, so what was answered with 200 survives a power cut; NORMAL may lose the last commits.
        # Measured: 3.1 ms a small write against 2.5, no difference for the 327,000 rows of benchmarks/feature_store.py.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A reader that turns writer fails at once with "database is locked", whatever the timeout; so writers say so.
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _use_wal(connection: sqlite3.Connection, timeout_s: float) -> None:
    """The first to open a new file changes its mode; SQLite does not wait for the others there, so we do."""
    deadline = time.monotonic() + timeout_s
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
