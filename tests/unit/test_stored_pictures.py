"""A feature store that keeps pictures as files."""
from __future__ import annotations

import numpy as np
import pytest

from application.data.picture_files import PictureFiles
from application.ports.feature_store import UnknownDatasetVersion
from application.data.stored_pictures import CHUNK_PICTURES, StoredPictures
from domain.table import Table
from tests.builders import assert_same_table, make_table, make_task
from tests.fakes.artifact_store import InMemoryArtifactStore
from tests.fakes.clock import FixedClock
from tests.fakes.feature_store import InMemoryFeatureStore
from tests.fakes.picture_codec import NpyPictureCodec
from tests.pictures import IMAGE, MASK, make_picture_task, make_pictures


@pytest.fixture
def files() -> InMemoryArtifactStore:
    return InMemoryArtifactStore()


@pytest.fixture
def store(files) -> StoredPictures:
    return StoredPictures(InMemoryFeatureStore(FixedClock()), PictureFiles(files, NpyPictureCodec()))


FORMS = [{}, {"channels": 3}, {"bits": 16}, {"labels": ("a", "b", "c"), "values": (9, 5, 200)}]


@pytest.mark.parametrize("form", FORMS)
def test_pictures_come_back_as_they_went_in(store, form):
    task = make_picture_task(**form)
    table = make_pictures(task, 5)
    version = store.append(task, [table.take(slice(0, 2)), table.take(slice(2, 5))]).version
    read = list(store.read(task, version.version))
    for name in (IMAGE, MASK):
        pictures = [pixels for part in read for pixels in part[name]]
        assert [(one.dtype, one.shape) for one in pictures] == [(one.dtype, one.shape) for one in table[name]]
        for one, other in zip(pictures, table[name], strict=True):
            np.testing.assert_array_equal(one, other)


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


def test_another_pixel_is_another_batch(store):
    task = make_picture_task()
    table = make_pictures(task, 2)
    store.append(task, [table])
    table[IMAGE][1] = table[IMAGE][1].copy()
    table[IMAGE][1][0, 0, 0] ^= 1
    assert not store.append(task, [table]).duplicate
    assert len(store.versions(task.name)) == 2


def test_few_pictures_are_in_memory_at_a_time(store):
    task = make_picture_task()
    one = make_pictures(task, 1)
    version = store.append(task, [one] * (CHUNK_PICTURES + 1)).version
    assert [table.n_rows for table in store.read(task, version.version)] == [CHUNK_PICTURES, 1]


def test_pictures_after_a_version(store):
    task = make_picture_task()
    for seed in range(2):
        store.append(task, [make_pictures(task, 2, seed)])
    read, = store.read(task, 2, columns=[MASK], after=1)
    for one, other in zip(read[MASK], make_pictures(task, 2, 1)[MASK], strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_the_tables_raise_comes_out_and_nothing_is_added(store):
    task = make_picture_task()

    def broken():
        yield make_pictures(task, 1)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        store.append(task, broken())
    assert store.versions(task.name) == []
    with pytest.raises(UnknownDatasetVersion):
        next(iter(store.read(task, 1)))


def test_tables_pass_through(store, files):
    task = make_task()
    table = make_table(task, 20)
    version = store.append(task, [table]).version
    read: Table = next(iter(store.read(task, version.version)))
    assert_same_table(read, table)
    assert files.list("pictures") == []
