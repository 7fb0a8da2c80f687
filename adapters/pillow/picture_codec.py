"""Pictures read and written by Pillow."""
from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, ImageStat, UnidentifiedImageError

from adapters.pillow import deep_colour
from application.ports.picture_codec import PictureCodec, PictureFacts, PictureLimits, UnreadablePicture
from domain.arrays import Array
from domain.errors import TooLarge
from domain.picture import mask_values
from domain.schema import Column

# Pillow opens 43 formats unless told, some of them programs (PostScript).
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
_FROM_8_TO_16_BITS = 257  # 255 becomes 65535
_SHOWN_VALUES = 5
TRANSPARENT = "is partly transparent; put it on a ground first"


class PillowPictureCodec(PictureCodec):
    def read_picture(self, content: bytes, column: Column, limits: PictureLimits = PictureLimits()) -> Array:
        pixels = _pixels(content, limits)
        if pixels.dtype != np.uint8 and column.bits == 8:
            raise UnreadablePicture("has 16 bits a pixel; the task takes 8")
        if column.channels == 1:
            pixels = _grey(pixels, "the task takes grey pictures")[:, :, None]
        elif pixels.shape[2] == 1:
            pixels = np.repeat(pixels, column.channels, axis=2)
        if column.bits == 16 and pixels.dtype == np.uint8:
            pixels = pixels.astype(np.uint16) * _FROM_8_TO_16_BITS
        return np.ascontiguousarray(pixels)

    def read_mask(self, content: bytes, column: Column, classes: int, limits: PictureLimits = PictureLimits()
                  ) -> NDArray[np.uint8]:
        values = mask_values(column, classes)
        numbers = _grey(_pixels(content, limits, numbers=True), "a mask has one number a pixel")
        if numbers.dtype == bool:
            numbers = numbers.astype(np.uint8) * (1 if 1 in values else 255)
        return _positions(numbers, values)

    def look(self, content: bytes, numbers: bool, limits: PictureLimits = PictureLimits()) -> PictureFacts:
        pixels = _pixels(content, limits, numbers)
        height, width = pixels.shape[:2]
        bits = 16 if pixels.dtype == np.uint16 else 8
        if (pixels != pixels[:, :, :1]).any():
            return PictureFacts(width, height, 3, bits, ())
        return PictureFacts(width, height, 1, bits, tuple(map(int, np.unique(pixels[:, :, 0]))))

    def write(self, pixels: Array) -> bytes:
        if pixels.dtype == np.uint16 and pixels.ndim == 3:
            return deep_colour.png_of(pixels)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        return file.getvalue()


def _pixels(content: bytes, limits: PictureLimits, numbers: bool = False) -> Array:
    """uint8 or uint16[height, width, 1 or 3]. numbers: those of a palette and of black and white as they are, the
    latter as bool."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check_header(image, limits)
            lower = deep_colour.lower_bytes(image)
            image.load()
            pixels = _array(ImageOps.exif_transpose(image), numbers)
        return pixels if lower is None else deep_colour.joined(pixels, _lower_half(content, lower))
    except (UnreadablePicture, TooLarge):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as failure:
        raise TooLarge(f"has more pixels than the {limits.max_pixels:,} allowed") from failure
    except UnidentifiedImageError as failure:
        raise UnreadablePicture(f"is no picture in one of the formats {', '.join(FORMATS)}") from failure
    except Exception as failure:  # a broken file makes Pillow raise nearly anything
        raise UnreadablePicture(f"cannot be read: {_first_words(failure)}") from failure


def _lower_half(content: bytes, lower: deep_colour.LowerBytes) -> NDArray[np.uint8]:
    """uint8[height, width, 3] of a picture whose upper half was read."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        deep_colour.prepare(image, lower)
        image.load()
        samples = np.asarray(ImageOps.exif_transpose(image))
    if samples.shape[2] > lower.alpha and samples[:, :, lower.alpha].min() < 255:
        raise UnreadablePicture(TRANSPARENT)
    return samples[:, :, lower.colours]


def _check_header(image: ImageFile.ImageFile, limits: PictureLimits) -> None:
    """What is known before anything is decoded."""
    if image.width * image.height > limits.max_pixels:
        raise TooLarge(f"has {image.width} x {image.height} pixels; {limits.max_pixels:,} are allowed")
    # A phone's JPEG may carry a preview as a second frame; there the first one is the picture.
    if image.format not in ("MPO", "JPEG") and (frames := getattr(image, "n_frames", 1)) > 1:
        raise UnreadablePicture(f"has {frames} frames; send single pictures")
    if deep_colour.is_in_planes(image):
        raise UnreadablePicture("has 16 bits for each colour, each in a plane of its own; save the colours interleaved")


def _array(image: Image.Image, numbers: bool) -> Array:
    if image.mode in ("1", "P") and numbers:
        return np.asarray(image)[:, :, None]
    image = _without_alpha(image.convert("L" if image.mode == "1" else _palette_mode(image)))
    if image.mode in ("L", "RGB", "RGBX"):
        return np.atleast_3d(np.asarray(image.convert("RGB") if image.mode == "RGBX" else image))
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)[:, :, None]
    kinds = {"CMYK": "has the colours of print (CMYK); save it as RGB", "F": "holds fractions; save whole numbers",
             "I": "has 32 bits a pixel; save 8 or 16"}
    raise UnreadablePicture(kinds.get(image.mode, f"has the colour space {image.mode}; save it as grey or RGB"))


def _palette_mode(image: Image.Image) -> str:
    if image.mode not in ("P", "PA"):
        return image.mode
    return "RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB"


def _without_alpha(image: Image.Image) -> Image.Image:
    if image.mode not in ("LA", "La", "RGBA", "RGBa"):
        return image
    (least_opaque, _), = ImageStat.Stat(image.getchannel(image.mode[-1])).extrema
    if least_opaque < 255:
        raise UnreadablePicture(TRANSPARENT)
    return image.convert(image.mode[:-1])


def _grey(pixels: Array, wanted: str) -> Array:
    """[height, width] of a picture without colour, whatever its channels."""
    first = pixels[:, :, 0]
    if any((pixels[:, :, channel] != first).any() for channel in range(1, pixels.shape[2])):
        raise UnreadablePicture(f"is in colour; {wanted}")
    return first


def _positions(numbers: Array, values: tuple[int, ...]) -> NDArray[np.uint8]:
    table = np.full(np.iinfo(np.uint16).max + 1, 255, np.uint8)
    table[list(values)] = np.arange(len(values))
    positions = table[numbers]
    if positions.size and positions.max() == 255:
        odd = np.unique(numbers[positions == 255])
        shown = ", ".join(map(str, odd[:_SHOWN_VALUES])) + (" and others" if len(odd) > _SHOWN_VALUES else "")
        raise UnreadablePicture(f"holds {shown}; the values of the classes are {', '.join(map(str, values))}")
    return positions


def _first_words(failure: Exception) -> str:
    text = str(failure).strip().splitlines()
    return text[0][:200] if text else type(failure).__name__
