"""Files of all kinds, as people send them."""
from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from adapters.pillow.picture_codec import PillowPictureCodec
from application.ports.picture_codec import UnreadablePicture
from domain.columns import ColumnType
from domain.errors import TooLarge
from domain.schema import Column, Role
from tests.deep_pictures import png, png_16, tiff_16

CODEC = PillowPictureCodec()
GREY, GREY_16 = (Column("image", ColumnType.PICTURE, bits=bits) for bits in (8, 16))
COLOUR = Column("image", ColumnType.PICTURE, channels=3)
MASK = Column("mask", ColumnType.MASK, Role.TARGET, values=(0, 255))
RAMP = np.tile(np.arange(0, 240, 10, dtype=np.uint8), (16, 1))


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "JPEG", "WEBP"])
def test_formats(kind):
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100} if kind == "JPEG" else {}
    image = Image.fromarray(RAMP).convert("RGB") if kind == "WEBP" else Image.fromarray(RAMP)
    read = CODEC.read_picture(saved(image, kind, **options), GREY)
    np.testing.assert_allclose(read[:, :, 0].astype(int), RAMP, atol=2 if kind == "JPEG" else 0)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    read = CODEC.read_picture(saved(Image.fromarray(RAMP), "TIFF", exif=exif), GREY)[:, :, 0]
    upright = {1: RAMP, 2: RAMP[:, ::-1], 3: RAMP[::-1, ::-1], 4: RAMP[::-1], 5: RAMP.T, 6: RAMP[::-1].T,
               7: RAMP[::-1, ::-1].T, 8: RAMP[:, ::-1].T}[orientation]
    np.testing.assert_array_equal(read, upright)


@pytest.mark.parametrize(("image", "column"), [
    (Image.fromarray(RAMP).convert("RGBA"), GREY),
    (Image.fromarray(RAMP).convert("LA"), GREY),
    (Image.fromarray(RAMP).convert("RGBA"), COLOUR),
    (Image.fromarray(RAMP).convert("P"), GREY),
    (Image.fromarray(RAMP).convert("RGB").quantize(200), COLOUR),
], ids=["opaque RGBA", "opaque LA", "colour RGBA", "grey palette", "palette"])
def test_other_ways_to_say_the_same(image, column):
    np.testing.assert_array_equal(CODEC.read_picture(saved(image), column)[:, :, 0], RAMP)


def test_black_and_white_is_black_and_white():
    image = Image.fromarray(RAMP > 100)
    assert image.mode == "1"
    np.testing.assert_array_equal(CODEC.read_picture(saved(image), GREY)[:, :, 0], (RAMP > 100) * 255)
    np.testing.assert_array_equal(CODEC.read_mask(saved(image), MASK, 2), RAMP > 100)
    np.testing.assert_array_equal(CODEC.read_mask(saved(image), Column("mask", ColumnType.MASK), 2), RAMP > 100)


def test_of_a_mask_with_a_palette_the_numbers_count():
    image = Image.fromarray(RAMP // 10 % 3).convert("P")
    image.putpalette([0, 0, 0, 200, 0, 0, 0, 200, 0])
    np.testing.assert_array_equal(CODEC.read_mask(saved(image), Column("mask", ColumnType.MASK), 3), RAMP // 10 % 3)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bits(kind):
    deep = RAMP.astype(np.uint16) * 250
    content = saved(Image.fromarray(deep), kind)
    np.testing.assert_array_equal(CODEC.read_picture(content, GREY_16)[:, :, 0], deep)
    with pytest.raises(UnreadablePicture, match="16 bits a pixel"):
        CODEC.read_picture(content, GREY)


DEEP = np.random.default_rng(1).integers(0, 2**16, (8, 12, 3), np.uint16)
OPAQUE = np.full((8, 12, 1), 2**16 - 1, np.uint16)
COLOUR_16 = Column("image", ColumnType.PICTURE, channels=3, bits=16)


@pytest.mark.parametrize("content", [
    png_16(DEEP), png_16(np.dstack([DEEP, OPAQUE])),
    *(tiff_16(DEEP, order, packed) for order in "<>" for packed in (False, True)),
    *(tiff_16(np.dstack([DEEP, OPAQUE]), order, packed, extra=extra)
      for order in "<>" for packed in (False, True) for extra in (0, 1, 2)),
])
def test_16_bits_for_each_colour_are_the_same_bits(content):
    np.testing.assert_array_equal(CODEC.read_picture(content, COLOUR_16), DEEP)
    with pytest.raises(UnreadablePicture, match="16 bits a pixel"):
        CODEC.read_picture(content, COLOUR)


def test_16_bits_of_grey_with_an_opaque_alpha():
    content = png_16(np.dstack([DEEP[:, :, :1], OPAQUE]))
    np.testing.assert_array_equal(CODEC.read_picture(content, GREY_16), DEEP[:, :, :1])


@pytest.mark.parametrize("order", "<>")
def test_both_bytes_are_turned_upright(order):
    read = CODEC.read_picture(tiff_16(DEEP, order, orientation=6), COLOUR_16)
    np.testing.assert_array_equal(read, DEEP[::-1].transpose(1, 0, 2))


def test_any_other_reader_sees_what_was_written():
    # The upper bytes are all that Pillow itself shows of it.
    with Image.open(io.BytesIO(CODEC.write(DEEP))) as image:
        np.testing.assert_array_equal(np.asarray(image), DEEP >> 8)


def test_a_bomb_of_deep_colour_is_seen_from_its_header():
    with pytest.raises(TooLarge, match="pixels"):
        CODEC.read_picture(png(50_000, 50_000, 16, 2), COLOUR_16)


@given(st.sampled_from([png_16(DEEP), png_16(np.dstack([DEEP, OPAQUE])), tiff_16(DEEP, "<"), tiff_16(DEEP, ">", True)]),
       st.data())
@settings(deadline=None, max_examples=150)
def test_broken_files_of_deep_colour(whole, data):
    content = bytearray(whole[:data.draw(st.integers(1, len(whole)))])
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert CODEC.read_picture(bytes(content), COLOUR_16).dtype == np.uint16
    except (UnreadablePicture, TooLarge) as failure:
        assert failure.detail


ANIMATION = {"save_all": True, "append_images": [Image.fromarray(255 - RAMP), Image.fromarray(RAMP // 2)]}


@pytest.mark.parametrize(("content", "words"), [
    (saved(Image.fromarray(RAMP).convert("CMYK"), "TIFF"), "CMYK"),
    (saved(Image.fromarray(RAMP).convert("CMYK"), "JPEG"), "CMYK"),
    (saved(Image.fromarray(RAMP).convert("LAB"), "TIFF"), "LAB"),
    (saved(Image.fromarray(RAMP.astype(np.float32)), "TIFF"), "fractions"),
    (saved(Image.fromarray(RAMP.astype(np.int32)), "TIFF"), "32 bits"),
    (saved(Image.merge("LA", [Image.fromarray(RAMP)] * 2)), "transparent"),
    (saved(Image.fromarray(RAMP).convert("P"), transparency=20), "transparent"),
    (png(2, 1, 16, 2, b"\0" + b"\1\2" * 6), "16 bits a pixel"),
    (png(2, 1, 16, 4, b"\0" + b"\1\2\xff\xfe" * 2), "transparent"),
    (png(2, 1, 16, 6, b"\0" + b"\1\2" * 4 + b"\1\2" * 3 + b"\xff\xfe"), "transparent"),
    (tiff_16(DEEP, "<", planes=2), "plane of its own"),
    (tiff_16(DEEP, ">", True, planes=2), "plane of its own"),
    (saved(Image.fromarray(RAMP), "PNG", **ANIMATION), "3 frames"),
    (saved(Image.fromarray(RAMP), "TIFF", **ANIMATION), "3 frames"),
    (saved(Image.fromarray(RAMP).convert("RGB"), "WEBP", **ANIMATION), "3 frames"),
    (saved(Image.fromarray(RAMP), "GIF"), "no picture in one of the formats"),
    (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "no picture in one of the formats"),
    (saved(Image.fromarray(RAMP))[:-30], "cannot be read"),
    (saved(Image.fromarray(RAMP), "JPEG")[:-80], "cannot be read"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_refused_in_words(content, words):
    with pytest.raises(UnreadablePicture, match=words):
        CODEC.read_picture(content, GREY)


@pytest.mark.parametrize("side", [10_000, 50_000, 2_000_000])
def test_a_bomb_is_seen_from_its_header(side):
    with pytest.raises(TooLarge, match="pixels"):
        CODEC.read_picture(png(side, side, 8, 0), GREY)


@given(st.sampled_from(["PNG", "TIFF", "BMP", "JPEG", "WEBP"]), st.data())
@settings(deadline=None, max_examples=150)
def test_broken_files_are_read_or_refused_and_nothing_else(kind, data):
    content = bytearray(saved(Image.fromarray(RAMP).convert("RGB"), kind))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert CODEC.read_picture(bytes(content), COLOUR).ndim == 3
    except (UnreadablePicture, TooLarge) as failure:
        assert failure.detail
