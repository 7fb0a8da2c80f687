"""What the stores in a database stand on: migrations, transactions, locks and outages. The contract of the port
Storage is in test_storage.py."""
from __future__ import annotations

import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from adapters.sqlmodel import storage as module
from adapters.sqlmodel.database import Database, DatabaseFull, DatabaseUnavailable
from adapters.sqlmodel.feature_table import MAX_NAME_BYTES, database_names
from adapters.sqlmodel.models import Record
from adapters.sqlmodel.storage import SqlmodelStorage
from tests.contracts.processes import run_processes


@pytest.fixture
def empty(empty_database_url):
    database = Database(empty_database_url)
    yield database
    database.close()


@pytest.fixture
def sqlite(make_database_url):
    database = Database(make_database_url("sqlite"), lock_timeout_s=0.2)
    yield database
    database.close()


def tables(database: Database) -> set[str]:
    with database.read() as session:
        return set(inspect(session.connection()).get_table_names())


def test_the_migrations_make_what_the_models_say(empty):
    SqlmodelStorage(empty).migrate()
    with empty.read() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        difference = compare_metadata(context, Record.metadata)
    assert difference == []


def test_autogenerate_would_see_a_difference(empty):
    SqlmodelStorage(empty).migrate()
    with empty.write() as session:
        session.execute(text("ALTER TABLE experiment ADD COLUMN planted INTEGER"))
    with empty.read() as session:
        assert compare_metadata(MigrationContext.configure(session.connection()), Record.metadata)


def test_migrating_again_does_nothing(empty):
    SqlmodelStorage(empty).migrate()
    before = tables(empty)
    SqlmodelStorage(empty).migrate()
    assert tables(empty) == before == {
        "alembic_version", "task", "dataset_version", "experiment", "deployment", "serving_worker", "late_label",
        "prediction_log", "observation", "traffic", "task_version", "dropped_data", "history", "trainers", "api_key",
        "kept_answer"}


def migrate_in_a_process(url: str) -> None:
    database = Database(url)
    SqlmodelStorage(database).migrate()
    database.close()


def test_processes_may_migrate_at_once(empty, empty_database_url):
    run_processes(migrate_in_a_process, empty_database_url, times=4)
    SqlmodelStorage(empty).check()


def test_threads_may_migrate_at_once(empty_database_url):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: migrate_in_a_process(empty_database_url), range(4)))


def test_a_migration_that_fails_leaves_nothing(empty, monkeypatch):
    def fail(connection):
        connection.execute(text("CREATE TABLE half_done (a INTEGER)"))
        raise ZeroDivisionError

    monkeypatch.setattr(module, "_upgrade", fail)
    with pytest.raises(ZeroDivisionError):
        SqlmodelStorage(empty).migrate()
    assert tables(empty) == set()


def test_rebuilding_a_parent_keeps_its_children(empty, monkeypatch):
    with empty.write() as session:
        session.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT)"))
        session.execute(text(
            "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent ON DELETE CASCADE)"))
        session.execute(text("INSERT INTO parent VALUES (1, 'a')"))
        session.execute(text("INSERT INTO child VALUES (1, 1), (2, 1)"))

    def rebuild(connection):
        with Operations(MigrationContext.configure(connection)).batch_alter_table("parent") as parent:
            parent.alter_column("name", nullable=False)

    monkeypatch.setattr(module, "_upgrade", rebuild)
    SqlmodelStorage(empty).migrate()
    with empty.read() as session:
        assert session.execute(text("SELECT count(*) FROM child")).scalar() == 2


def test_a_database_in_an_unmade_folder_is_made(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/a%20b/ç/progon.db")
    SqlmodelStorage(database).migrate()
    SqlmodelStorage(database).check()
    database.close()


def test_ready_means_migrated(empty):
    with pytest.raises(DatabaseUnavailable):
        SqlmodelStorage(empty).check()
    SqlmodelStorage(empty).migrate()
    SqlmodelStorage(empty).check()


@pytest.mark.parametrize("url", [
    "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true", "mysql://a/b"])
def test_other_databases_are_refused(url):
    with pytest.raises(ValueError, match="database"):
        Database(url)


def test_a_server_that_is_away_is_told_without_the_password():
    database = Database("postgresql://me:secret@127.0.0.1:1/progon")
    with pytest.raises(DatabaseUnavailable) as raised:
        SqlmodelStorage(database).check()
    assert "secret" not in raised.value.detail and "127" not in raised.value.detail


@pytest.mark.postgres
def test_a_restart_of_the_server_is_survived(make_database_url, postgresql_server):
    url = make_database_url("postgresql")
    database = Database(url)
    SqlmodelStorage(database).check()
    postgresql_server(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{make_url(url).database}'")
    SqlmodelStorage(database).check()
    database.close()


@pytest.mark.postgres
def test_losing_the_server_in_a_transaction_is_told(make_database_url, postgresql_server):
    url = make_database_url("postgresql")
    database = Database(url)
    with pytest.raises(DatabaseUnavailable), database.write() as session:
        session.execute(text("SELECT 1"))
        postgresql_server(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{make_url(url).database}'")
        session.execute(text("SELECT 1"))
    SqlmodelStorage(database).check()
    database.close()


def test_what_is_raised_in_a_transaction_rolls_it_back(database):
    with pytest.raises(ZeroDivisionError), database.write() as session:
        session.execute(text("INSERT INTO task VALUES ('a', 1, false)"))
        raise ZeroDivisionError
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM task")).scalar() == 0


def test_writers_with_the_same_lock_wait_for_each_other(database):
    inside, order = Event(), []

    def first() -> None:
        with database.write("a lock"):
            inside.set()
            time.sleep(0.2)
            order.append("first")

    thread = Thread(target=first)
    thread.start()
    assert inside.wait(5)
    with database.write("a lock", "another"):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_a_file_of_sqlite_is_set_up(sqlite):
    with sqlite.read() as session:
        pragmas = {name: session.execute(text(f"PRAGMA {name}")).scalar() for name in (
            "journal_mode", "synchronous", "foreign_keys", "busy_timeout")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 200}


def test_readers_of_sqlite_do_not_wait_for_a_writer(sqlite):
    with sqlite.write() as session:
        session.execute(text("INSERT INTO task VALUES ('a', 1, false)"))
        with sqlite.read() as reader:
            assert reader.execute(text("SELECT count(*) FROM task")).scalar() == 0


def test_a_lock_of_sqlite_that_is_never_freed_is_told(sqlite):
    other = sqlite3.connect(sqlite.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable), sqlite.write():
        pass
    other.close()
    with sqlite.write():
        pass


def test_names_of_columns():
    assert database_names(["temp", "Temp", "temp, °C", "batch", "", "ж" * 100]) == [
        "temp", "temp_2", "temp_c", "batch_2", "column", "ж" * 31]
    many = database_names(["x" * 300] * 1_000)
    assert len(set(many)) == 1_000 and max(map(len, many)) == MAX_NAME_BYTES


def test_a_full_database_is_told_and_heals(sqlite):
    """SQLite itself refuses: the file may not grow beyond the pages that it has."""
    with sqlite.write() as session:
        session.execute(text("CREATE TABLE large (x BLOB)"))
    with pytest.raises(DatabaseFull, match="the disk that the database lies on has no room"), sqlite.write() as session:
        session.execute(text("PRAGMA max_page_count = 1"))
        session.execute(text("INSERT INTO large VALUES (zeroblob(1000000))"))
    sqlite.close()
    with sqlite.write() as session:
        session.execute(text("INSERT INTO large VALUES (zeroblob(1000000))"))


def test_a_file_that_cannot_grow_for_want_of_room_is_told(sqlite, monkeypatch):
    failure = sqlite3.OperationalError("disk I/O error")
    failure.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    for free, raised in ((0, DatabaseFull), (1 << 30, DatabaseUnavailable)):
        monkeypatch.setattr(os, "statvfs", lambda _, free=free: SimpleNamespace(f_bavail=free, f_frsize=1))
        with pytest.raises(DatabaseUnavailable) as told, sqlite.read():
            raise failure
        assert type(told.value) is raised
