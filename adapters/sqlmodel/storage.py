"""The tables of a database: brought to the newest revision, and looked for."""
from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from threading import Lock

from sqlalchemy import exc, text
from sqlalchemy.engine import Connection

from adapters.sqlmodel.database import Database, DatabaseUnavailable, driver_of, hold_lock
from application.ports.storage import Storage

MIGRATIONS = Path(__file__).parent / "migrations"
# Alembic keeps the running migration in module globals.
_MIGRATING = Lock()


class SqlmodelStorage(Storage):
    def __init__(self, database: Database) -> None:
        self._database = database

    def migrate(self) -> None:
        with _MIGRATING, self._database.connect() as connection:
            if _revision(connection) == newest_revision():
                return
            if self._database.is_sqlite:
                _migrate_sqlite(connection)
            else:
                with connection.begin():
                    hold_lock(connection, "migrate")
                    _upgrade(connection)

    def check(self) -> None:
        try:
            with self._database.read() as session:
                session.execute(text("SELECT version_num FROM alembic_version")).one()
        except (exc.ProgrammingError, exc.NoResultFound) as error:
            raise DatabaseUnavailable("the database has no tables yet") from error

    def check_writable(self) -> None:
        self.check()
        with self._database.connect() as connection, suppress(_Busy):
            (_try_sqlite if self._database.is_sqlite else _try_postgresql)(connection)

    def close(self) -> None:
        self._database.close()


class _Busy(Exception):
    """Somebody writes now, so it can be written."""


def _try_sqlite(connection: Connection) -> None:
    """A change of nothing, taken back. Who writes a large file holds the lock for seconds: he is not waited for."""
    driver = driver_of(connection)
    patience_ms = driver.execute("PRAGMA busy_timeout").fetchone()[0]
    driver.execute("PRAGMA busy_timeout=0")
    try:
        driver.execute("BEGIN IMMEDIATE")
        driver.execute("UPDATE alembic_version SET version_num = version_num")
    except sqlite3.OperationalError as failure:
        if failure.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise _Busy from failure
        raise
    finally:
        if driver.in_transaction:
            driver.execute("ROLLBACK")
        driver.execute(f"PRAGMA busy_timeout={patience_ms}")


def _try_postgresql(connection: Connection) -> None:
    """The lock of a row is written to it, and leaves no dead one behind as a change would."""
    with connection.begin() as transaction:
        connection.execute(text("SELECT version_num FROM alembic_version FOR UPDATE SKIP LOCKED"))
        transaction.rollback()


def newest_revision() -> str:
    """By the names of the files, each of which begins with its own."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _revision(connection: Connection) -> str | None:
    """What the database is at, asked without Alembic, which takes longer to import than most commands to run; None if
    that cannot be told."""
    try:
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision
    except (exc.ProgrammingError, exc.OperationalError):
        return None
    finally:
        connection.rollback()


def _migrate_sqlite(connection: Connection) -> None:
    """With foreign keys off, or the rebuilding of a parent table would delete its children."""
    driver = driver_of(connection)
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            _upgrade(connection)
            if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
                raise RuntimeError(f"the migration broke {len(broken)} foreign keys")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _upgrade(connection: Connection) -> None:
    # Imported here: only a database that is not at the newest revision needs it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
