"""The tables of a database: brought to the newest revision, and looked for."""
from __future__ import annotations

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

    def close(self) -> None:
        self._database.close()


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
