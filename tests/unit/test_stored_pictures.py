"""A feature store that keeps pictures as files: what is in the files. Its contract is that of every feature store."""
from __future__ import annotations

import pytest

from application.decorators.feature_store import CHUNK_PICTURES, StoredPictures
from application.pictures.picture_files import PictureFiles
from application.serving import wanted
from domain.table import Table
from tests.builders import assert_same_table, make_table, make_task
from tests.fakes.artifact_store import InMemoryArtifactStore
from tests.fakes.clock import FixedClock
from tests.fakes.feature_store import InMemoryFeatureStore
from tests.fakes.picture_codec import NpyPictureCodec
from tests.pictures import make_picture_task, make_pictures


@pytest.fixture
def files() -> InMemoryArtifactStore:
    return InMemoryArtifactStore()


@pytest.fixture
def store(files) -> StoredPictures:
    return StoredPictures(InMemoryFeatureStore(FixedClock()), PictureFiles(files, NpyPictureCodec()))


def test_the_same_pictures_again_are_a_duplicate_and_no_new_files(store, files):
    task = make_picture_task()
    first = store.append(task, [make_pictures(task, 3)])
    before = files.list("pictures")
    again = store.append(task, [make_pictures(task, 3)])
    assert (again.duplicate, again.version) == (True, first.version)
    assert files.list("pictures") == before
    assert len(before) == 6


def test_the_digest_is_that_of_what_would_be_added(store, files):
    task = make_picture_task()
    table = make_pictures(task, 3)
    digest = store.digest(task, [table.take(slice(0, 1)), table.take(slice(1, 3))])
    assert files.list("pictures") == []
    assert store.append(task, [table]).version.digest == digest


def test_few_pictures_are_in_memory_at_a_time(store):
    task = make_picture_task()
    one = make_pictures(task, 1)
    version = store.append(task, [one] * (CHUNK_PICTURES + 1)).version
    assert [table.n_rows for table in store.read(task, version.version)] == [CHUNK_PICTURES, 1]


def test_tables_pass_through(store, files):
    task = make_task()
    table = make_table(task, 20)
    version = store.append(task, [table]).version
    read: Table = next(iter(store.read(task, version.version)))
    assert_same_table(read, table)
    assert files.list("pictures") == []


@pytest.mark.parametrize(("task", "make"), [(make_task(), make_table), (make_picture_task(), make_pictures)],
                         ids=["tables", "pictures"])
def test_reading_ends_when_nobody_waits_for_it(store, task, make):
    made = make(task, 3)
    version = store.append(task, [made]).version.version
    taken = []
    before = wanted.gone.set(lambda: len(taken) == 2)
    try:
        with pytest.raises(wanted.NobodyWaits):
            for table in store.read(task, version, chunk_rows=1):
                taken.append(table)
    finally:
        wanted.gone.reset(before)
    assert len(taken) == 2
