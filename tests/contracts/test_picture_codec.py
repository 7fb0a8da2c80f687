"""The contract of the port PictureCodec."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from adapters.pillow.picture_codec import PillowPictureCodec
from application.decorators.picture_codec import RoomyPictureCodec
from application.ports.picture_codec import (
    MaskFacts,
    PictureCodec,
    PictureFacts,
    PictureLimits,
    UnreadablePicture,
)
from application.serving.room import Room
from domain.columns import ColumnType
from domain.errors import TooLarge
from domain.picture import VOID
from domain.schema import Column, Role
from tests.fakes.picture_codec import NpyPictureCodec
from tests.fakes.picture_measure import NpyPictureMeasure

GREY, GREY_16 = (Column("image", ColumnType.PICTURE, bits=bits) for bits in (8, 16))
COLOUR, COLOUR_16 = (Column("image", ColumnType.PICTURE, channels=3, bits=bits) for bits in (8, 16))
MASK = Column("mask", ColumnType.MASK, Role.TARGET, values=(0, 255))


def roomy() -> PictureCodec:
    return RoomyPictureCodec(NpyPictureCodec(), NpyPictureMeasure(), Room(1, 0, 0))


@pytest.fixture(params=[NpyPictureCodec, PillowPictureCodec, roomy])
def codec(request) -> PictureCodec:
    return request.param()


def noise(*shape: int, dtype=np.uint8) -> np.ndarray:
    return np.random.default_rng(0).integers(0, np.iinfo(dtype).max + 1, shape, dtype)


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (37, 41)])
@pytest.mark.parametrize(("column", "shape", "dtype"), [
    (GREY, (), np.uint8), (GREY_16, (), np.uint16), (COLOUR, (3,), np.uint8), (COLOUR_16, (3,), np.uint16),
], ids=["grey", "16 bits", "colour", "16 bits for each colour"])
def test_what_is_written_is_read(codec, size, column, shape, dtype):
    pixels = noise(*size, *shape, dtype=dtype)
    read = codec.read_picture(codec.write(pixels), column)
    assert (read.dtype, read.shape) == (dtype, (*size, column.channels))
    np.testing.assert_array_equal(read, np.atleast_3d(pixels))
    assert read.flags.c_contiguous


def test_the_same_picture_is_the_same_bytes(codec):
    for shape, dtype in (((20, 30), np.uint8), ((20, 30, 3), np.uint16)):
        assert codec.write(noise(*shape, dtype=dtype)) == codec.write(noise(*shape, dtype=dtype))


def test_less_than_the_column_holds_is_brought_up_to_it(codec):
    content = codec.write(noise(5, 6))
    np.testing.assert_array_equal(codec.read_picture(content, COLOUR), np.repeat(noise(5, 6)[:, :, None], 3, axis=2))
    np.testing.assert_array_equal(codec.read_picture(content, GREY_16)[:, :, 0], noise(5, 6).astype(np.uint16) * 257)
    whole = codec.read_picture(content, COLOUR_16)
    np.testing.assert_array_equal(whole, np.repeat(noise(5, 6)[:, :, None].astype(np.uint16) * 257, 3, axis=2))
    deep = noise(5, 6, dtype=np.uint16)
    whole = codec.read_picture(codec.write(deep), COLOUR_16)
    np.testing.assert_array_equal(whole, np.repeat(deep[:, :, None], 3, axis=2))


def test_colours_that_are_all_grey_are_grey(codec):
    content = codec.write(np.repeat(noise(5, 6)[:, :, None], 3, axis=2))
    np.testing.assert_array_equal(codec.read_picture(content, GREY)[:, :, 0], noise(5, 6))


@pytest.mark.parametrize(("column", "pixels", "words"), [
    (GREY, noise(4, 4, 3), "colour"), (GREY, noise(4, 4, dtype=np.uint16), "16 bits"),
    (COLOUR, noise(4, 4, 3, dtype=np.uint16), "16 bits"), (GREY_16, noise(4, 4, 3, dtype=np.uint16), "colour"),
])
def test_more_than_the_column_holds_is_refused(codec, column, pixels, words):
    with pytest.raises(UnreadablePicture, match=words):
        codec.read_picture(codec.write(pixels), column)


@pytest.mark.parametrize(("values", "numbers"), [
    ((0, 255), (0, 255)), ((255, 0), (255, 0)), ((), (0, 1)), ((7, 3, 200), (7, 3, 200))])
def test_a_mask_is_read_as_positions(codec, values, numbers):
    positions = np.random.default_rng(1).integers(0, len(numbers), (9, 11))
    column = Column("mask", ColumnType.MASK, Role.TARGET, values=values)
    mask = codec.read_mask(codec.write(np.array(numbers, np.uint8)[positions]), column, len(numbers))
    assert mask.dtype == np.uint8
    np.testing.assert_array_equal(mask, positions)


def test_a_value_that_stands_for_no_class(codec):
    with pytest.raises(UnreadablePicture, match="class"):
        codec.read_mask(codec.write(np.full((3, 3), 128, np.uint8)), MASK, 2)


def test_too_many_pixels(codec):
    content = codec.write(noise(20, 30))
    assert codec.read_picture(content, GREY, PictureLimits(600)).shape == (20, 30, 1)
    for read in (lambda limits: codec.read_picture(content, GREY, limits),
                 lambda limits: codec.read_mask(content, MASK, 2, limits)):
        with pytest.raises(TooLarge, match="pixels"):
            read(PictureLimits(599))


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"\0" * 1_000])
def test_bytes_that_are_no_picture(codec, content):
    for read in (lambda: codec.read_picture(content, GREY), lambda: codec.read_mask(content, MASK, 2)):
        with pytest.raises(UnreadablePicture) as failure:
            read()
        assert failure.value.detail


@pytest.mark.parametrize(("column", "pixels"), [
    (GREY, noise(50, 50)), (COLOUR_16, noise(50, 50, 3, dtype=np.uint16))], ids=["grey", "16 bits for each colour"])
def test_half_a_picture(codec, column, pixels):
    content = codec.write(pixels)
    with pytest.raises(UnreadablePicture):
        codec.read_picture(content[:len(content) // 2], column)


def test_calls_run_side_by_side(codec):
    content = codec.write(noise(64, 64))
    with ThreadPoolExecutor(4) as pool:
        for pixels in pool.map(lambda _: codec.read_picture(content, GREY), range(16)):
            np.testing.assert_array_equal(pixels[:, :, 0], noise(64, 64))


@pytest.mark.parametrize(("pixels", "facts"), [
    (np.uint8([[3, 3], [200, 0]]), PictureFacts(2, 2, 1, 8, (0, 3, 200))),
    (np.uint16([[3, 60_000]]), PictureFacts(2, 1, 1, 16, (3, 60_000))),
    (np.uint8([[[1, 2, 3]]]), PictureFacts(1, 1, 3, 8, ())),
    (np.uint8([[[2, 2, 2]]]), PictureFacts(1, 1, 1, 8, (2,))),
    (np.uint16([[[1, 1, 2]]]), PictureFacts(1, 1, 3, 16, ())),
    (np.uint16([[[300, 300, 300]]]), PictureFacts(1, 1, 1, 16, (300,))),
], ids=["grey", "16 bits", "colour", "grey as colour", "16 bits for each colour", "grey as deep colour"])
def test_a_look_at_a_picture(codec, pixels, facts):
    assert codec.look(codec.write(pixels)) == facts
    with pytest.raises(TooLarge):
        codec.look(codec.write(pixels), PictureLimits(0))
    with pytest.raises(UnreadablePicture):
        codec.look(b"text")


@pytest.mark.parametrize(("pixels", "coloured", "facts"), [
    (np.uint8([[3, 3], [200, 0]]), False, MaskFacts(2, 2, (0, 3, 200))),
    (np.uint16([[3, 60_000]]), False, MaskFacts(2, 1, (3, 60_000), bits=16)),
    (np.uint8([[[1, 2, 3], [0, 0, 0]]]), False, MaskFacts(2, 1, (0, 0x010203), coloured=True)),
    (np.uint8([[[2, 2, 2]]]), False, MaskFacts(1, 1, (2,))),
    (np.uint8([[7, 0]]), True, MaskFacts(2, 1, (0, 0x070707), coloured=True)),
], ids=["grey", "16 bits", "colour", "grey as colour", "grey where colours count"])
def test_a_look_at_a_mask(codec, pixels, coloured, facts):
    assert codec.look_at_mask(codec.write(pixels), coloured) == facts
    with pytest.raises(TooLarge):
        codec.look_at_mask(codec.write(pixels), coloured, PictureLimits(0))
    with pytest.raises(UnreadablePicture):
        codec.look_at_mask(b"text", coloured)


def test_a_mask_in_colour_is_read_as_positions(codec):
    column = Column("mask", ColumnType.MASK, Role.TARGET, channels=3, values=(0, 0x800000, 0x00FF01), void=0xE0E0C0)
    pixels = np.uint8([[[0, 0, 0], [128, 0, 0]], [[0, 255, 1], [224, 224, 192]]])
    assert codec.read_mask(codec.write(pixels), column, 3).tolist() == [[0, 1], [2, VOID]]
    with pytest.raises(UnreadablePicture, match="class"):
        codec.read_mask(codec.write(pixels + 1), column, 3)


def test_what_does_not_count_is_void(codec):
    column = Column("mask", ColumnType.MASK, Role.TARGET, void=255)
    assert codec.read_mask(codec.write(np.uint8([[0, 1, 255]])), column, 2).tolist() == [[0, 1, VOID]]
    assert codec.read_mask(codec.write(np.uint8([[0, 1, 255]])), Column("mask", ColumnType.MASK), 256).tolist() == [
        [0, 1, 255]]
