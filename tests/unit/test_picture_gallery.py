"""The stored pictures, listed and made small."""
from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest

from application.decorators.feature_store import StoredPictures
from application.pictures.picture_files import PictureFiles
from application.ports.artifact_store import UnknownArtifact
from application.ports.feature_store import UnknownDatasetVersion
from application.queries.picture_gallery import PictureGallery
from domain.errors import NotFound
from domain.picture_answer import COLOURS
from domain.schema import Schema
from domain.thumbnail import mask_thumbnail, thumbnail
from tests.builders import make_task
from tests.fakes.artifact_store import InMemoryArtifactStore
from tests.fakes.clock import FixedClock
from tests.fakes.feature_store import InMemoryFeatureStore
from tests.fakes.picture_codec import NpyPictureCodec
from tests.pictures import MASK, make_picture_task, make_pictures


class Shelf:
    """A gallery and what it looks into."""

    def __init__(self) -> None:
        self.rows, self.files = InMemoryFeatureStore(FixedClock()), InMemoryArtifactStore()
        pictures = PictureFiles(self.files, NpyPictureCodec())
        self.store = StoredPictures(self.rows, pictures)
        self.gallery = PictureGallery(self.rows, pictures, NpyPictureCodec())


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_pages_meet_without_a_gap(shelf):
    task = make_picture_task()
    for seed, n_rows in enumerate((3, 4)):
        shelf.store.append(task, [make_pictures(task, n_rows, seed)])
    seen, before = [], None
    for _ in range(3):
        page = shelf.gallery.page(task, None, 3, before)
        seen += [one.row for one in page.pictures]
        before = page.next
    assert (seen, before, page.rows) == ([7, 6, 5, 4, 3, 2, 1], None, 7)
    assert [one.row for one in shelf.gallery.page(task, 1, 9).pictures] == [3, 2, 1]


def test_shares_are_those_of_the_mask(shelf):
    task, table = make_picture_task(), make_pictures(make_picture_task(), 2)
    shelf.store.append(task, [table])
    for _ in range(2):  # the second time from memory
        newest = shelf.gallery.page(task, None, 1).pictures[0]
        assert newest.facts.shares["cell"] == pytest.approx(table[MASK][1].mean(), abs=1e-5)
        assert (newest.facts.width, newest.facts.height) == (56, 40)


def test_what_is_private_is_not_named(shelf):
    task = make_picture_task()
    shelf.store.append(task, [make_pictures(task, 1)])
    picture, mask = task.schema.columns
    hidden = replace(task, schema=Schema((replace(picture, private=True), mask)))
    one = shelf.gallery.page(hidden, None, 1).pictures[0]
    assert one.picture is None and one.mask is not None


def test_what_there_is_not(shelf):
    task = make_picture_task()
    with pytest.raises(UnknownDatasetVersion):
        shelf.gallery.page(task, None, 1)
    shelf.store.append(task, [make_pictures(task, 1)])
    with pytest.raises(UnknownDatasetVersion):
        shelf.gallery.page(task, 2, 1)
    with pytest.raises(UnknownArtifact):
        shelf.gallery.file("0" * 64)
    with pytest.raises(NotFound):
        shelf.gallery.page(make_task(), None, 1)


def test_a_drawing_is_small_and_of_its_own_kind(shelf):
    task, table = make_picture_task(bits=16), make_pictures(make_picture_task(bits=16), 1)
    shelf.store.append(task, [table])
    one = shelf.gallery.page(task, None, 1).pictures[0]
    small = np.load(io.BytesIO(shelf.gallery.drawn(task, one.picture, False, 28)))
    assert (small.shape, small.dtype) == ((20, 28), np.uint8) and small.max() > 200
    mask = np.load(io.BytesIO(shelf.gallery.drawn(task, one.mask, True, None)))
    np.testing.assert_array_equal(mask.any(axis=2), table[MASK][0] > 0)


@pytest.mark.parametrize(("height", "width", "max_px", "shape"), [
    (40, 56, 56, (40, 56)), (40, 56, None, (40, 56)), (40, 56, 55, (20, 28)), (1, 1, 8, (1, 1)), (7, 100, 10, (1, 10)),
    (5, 13, 4, (2, 4)), (1, 100, 10, (1, 10))])
def test_sides_of_a_thumbnail(height, width, max_px, shape):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    assert thumbnail(pixels, max_px).shape == (*shape, 3)
    assert mask_thumbnail(pixels[:, :, 0] % 2, max_px).shape == (*shape, 3)


def test_a_thumbnail_is_the_mean_of_what_it_stands_for():
    pixels = np.zeros((4, 4, 1), np.uint8)
    pixels[::2] = 255
    assert (thumbnail(pixels, 2) == 128).all()


def test_classes_have_their_colours():
    shown = mask_thumbnail(np.array([[0, 1, 2]], np.uint8), None)
    np.testing.assert_array_equal(shown[0], [[0, 0, 0], *COLOURS[:2].astype(np.uint8)])
