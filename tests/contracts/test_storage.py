"""The contract of the port Storage."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import text

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.storage import SqlmodelStorage
from application.ports.storage import Storage, StorageDamaged, StorageReadOnly, StorageUnavailable
from domain.errors import Busy
from tests.fakes.storage import InMemoryStorage

LOCK_TIMEOUT_S = 30  # of a Database, where nothing else is said


@pytest.fixture
def storage(empty_database_or_none) -> Storage:
    return SqlmodelStorage(empty_database_or_none) if empty_database_or_none else InMemoryStorage()


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def away(request, tmp_path) -> Storage:
    """One that cannot be reached: away, no file, no server."""
    if request.param == "fake":
        fake = InMemoryStorage()
        fake.answers = False
        return fake
    (tmp_path / "folder").mkdir()
    urls = {"sqlite": f"sqlite:///{tmp_path / 'folder'}", "postgresql": "postgresql://me:secret@127.0.0.1:1/progon"}
    return SqlmodelStorage(Database(urls[request.param]))


def test_ready_once_migrated(storage):
    with pytest.raises(StorageUnavailable):
        storage.check()
    storage.migrate()
    storage.check()


def test_what_is_written_to_look_is_not_kept(storage):
    with pytest.raises(StorageUnavailable):
        storage.check_writable()
    storage.migrate()
    for _ in range(3):
        storage.check_writable()
    storage.check()


@pytest.fixture(params=["fake", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def read_only(request, make_database_url) -> Storage:
    if request.param == "fake":
        fake = InMemoryStorage()
        fake.migrate()
        fake.writable = False
        return fake
    url = make_database_url(request.param)
    if request.param == "sqlite":
        url = f"sqlite:///file:{url.removeprefix('sqlite:///')}?mode=ro&uri=true"
    else:
        url += f"{'&' if '?' in url else '?'}options=-cdefault_transaction_read_only%3Don"
    return SqlmodelStorage(Database(url))


def test_one_that_takes_nothing_is_told(read_only):
    read_only.check()
    for _ in range(2):
        with pytest.raises(StorageReadOnly, match="the database is read-only"):
            read_only.check_writable()
    read_only.check()
    read_only.close()


def test_who_writes_is_not_waited_for(database):
    storage = SqlmodelStorage(database)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = version_num"))
        began = monotonic()
        storage.check_writable()
        assert monotonic() - began < LOCK_TIMEOUT_S / 3
    with database.write():
        storage.check()


@pytest.mark.parametrize("sound_bytes", [0, 100], ids=["no database", "pages of nonsense"])
def test_a_damaged_file_is_told_and_heals(make_database_url, sound_bytes):
    url = make_database_url("sqlite")
    storage, file = SqlmodelStorage(Database(url)), Path(url.removeprefix("sqlite:///"))
    storage.check_writable()
    storage.close()
    sound = file.read_bytes()
    file.write_bytes(sound[:sound_bytes] + b"U" * (len(sound) - sound_bytes))
    for ask in (storage.check, storage.check_writable):
        with pytest.raises(StorageDamaged, match="the database is damaged"):
            ask()
    file.write_bytes(sound)
    storage.check_writable()
    storage.close()


def test_migrating_again_does_nothing(storage):
    for _ in range(2):
        storage.migrate()
    storage.check()


def test_threads_may_migrate_at_once(storage):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: storage.migrate(), range(4)))
    storage.check()


def test_it_may_be_used_after_a_close(storage):
    storage.migrate()
    for _ in range(2):
        storage.close()
    storage.check()


def test_an_outage_is_told(away):
    for ask in (away.check, away.check_writable, away.migrate):
        with pytest.raises(StorageUnavailable, match="does not answer") as raised:
            ask()
        assert isinstance(raised.value, Busy)
    away.close()
