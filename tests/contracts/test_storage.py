"""The contract of the port Storage."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.storage import SqlmodelStorage
from application.ports.storage import Storage, StorageUnavailable
from domain.errors import Busy
from tests.fakes.storage import InMemoryStorage


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
    for ask in (away.check, away.migrate):
        with pytest.raises(StorageUnavailable, match="does not answer") as raised:
            ask()
        assert isinstance(raised.value, Busy)
    away.close()
