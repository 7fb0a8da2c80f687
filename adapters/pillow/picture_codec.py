"""Pictures read and written by Pillow."""
from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageFile, ImageOps, ImageStat, UnidentifiedImageError

from adapters.pillow import deep_colour
from adapters.pillow.mask_values import black_and_white, distinct, nearest, positions
from application.ports.picture_codec import MaskFacts, PictureCodec, PictureFacts, PictureLimits, UnreadablePicture
from domain.errors import TooLarge
from domain.picture import mask_values
from domain.schema import Column

# Pillow opens 43 formats unless told, some of them programs (PostScript).
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")
_FROM_8_TO_16_BITS = 257  # 255 becomes 65535
# Red, green and blue may lie so far apart in a picture that is called grey.
_MOST_TINT = 0.03
_BRIGHTNESS = np.array([0.299, 0.587, 0.114], np.float32)
_PHONE_FORMATS = (b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1", b"avif")
TRANSPARENT = "is partly transparent; put it on a ground first"


class PillowPictureCodec(PictureCodec):
    def read_picture(self, content: bytes, column: Column, limits: PictureLimits = PictureLimits()) -> np.ndarray:
        pixels = _pixels(content, limits)
        if pixels.dtype != np.uint8 and column.bits == 8:
            raise UnreadablePicture("has 16 bits a pixel; the task takes 8")
        if column.channels == 1:
            pixels = _nearly_grey(pixels, "the task takes grey pictures")[:, :, None]
        elif pixels.shape[2] == 1:
            pixels = np.repeat(pixels, column.channels, axis=2)
        if column.bits == 16 and pixels.dtype == np.uint8:
            pixels = pixels.astype(np.uint16) * _FROM_8_TO_16_BITS
        return np.ascontiguousarray(pixels)

    def read_mask(self, content: bytes, column: Column, classes: int, limits: PictureLimits = PictureLimits()
                  ) -> np.ndarray:
        values, coloured = mask_values(column, classes), column.channels == 3
        pixels = _pixels(content, limits, numbers=not coloured)
        if coloured:
            _check_colours(pixels, _is_lossy(content))
            return positions(pixels, values, column.void, coloured)
        numbers = _numbers(pixels, _is_lossy(content))
        if numbers.dtype == bool:
            numbers = numbers.astype(np.uint8) * np.uint8(1 if 1 in values else 255)
        if _is_lossy(content):
            numbers = nearest(numbers, [*values, *([] if column.void is None else [column.void])])
        return positions(numbers, values, column.void, coloured)

    def look(self, content: bytes, limits: PictureLimits = PictureLimits()) -> PictureFacts:
        pixels = _pixels(content, limits)
        height, width = pixels.shape[:2]
        bits = 16 if pixels.dtype == np.uint16 else 8
        if (pixels != pixels[:, :, :1]).any() and not (_is_lossy(content) and _has_little_tint(pixels)):
            return PictureFacts(width, height, 3, bits, ())
        return PictureFacts(width, height, 1, bits, tuple(map(int, np.unique(pixels[:, :, 0]))))

    def look_at_mask(self, content: bytes, coloured: bool, limits: PictureLimits = PictureLimits()) -> MaskFacts:
        pixels, lossy = _pixels(content, limits, numbers=not coloured), _is_lossy(content)
        height, width = pixels.shape[:2]
        if coloured or (pixels.shape[2] == 3 and (pixels != pixels[:, :, :1]).any()
                        and not (lossy and _has_little_tint(pixels))):
            _check_colours(pixels, lossy)
            return MaskFacts(width, height, distinct(pixels, coloured=True), coloured=True)
        numbers = _numbers(pixels, lossy)
        bits = {"b": 1, "u": 8 * numbers.itemsize}[numbers.dtype.kind]
        if lossy:
            return MaskFacts(width, height, distinct(black_and_white(numbers), False), bits=bits, repaired=True)
        return MaskFacts(width, height, tuple(map(int, distinct(numbers, False))), bits=bits)

    def write(self, pixels: np.ndarray) -> bytes:
        if pixels.dtype == np.uint16 and pixels.ndim == 3:
            return deep_colour.png_of(pixels)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        return file.getvalue()


def _pixels(content: bytes, limits: PictureLimits, numbers: bool = False) -> np.ndarray:
    """uint8 or uint16[height, width, 1 or 3]. numbers: those of a palette and of black and white as they are, the
    latter as bool."""
    with told(content, limits):
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            check_header(image, limits)
            lower = deep_colour.lower_bytes(image)
            image.load()
            pixels = _array(ImageOps.exif_transpose(image), numbers)
        return pixels if lower is None else deep_colour.joined(pixels, _lower_half(content, lower))


@contextmanager
def told(content: bytes, limits: PictureLimits) -> Iterator[None]:
    """Raises: UnreadablePicture, TooLarge."""
    try:
        yield
    except (UnreadablePicture, TooLarge):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as failure:
        raise TooLarge(f"has more pixels than the {limits.max_pixels:,} allowed") from failure
    except UnidentifiedImageError as failure:
        if content[4:8] == b"ftyp" and content[8:12] in _PHONE_FORMATS:
            raise UnreadablePicture("is a photo in the format HEIC or AVIF; save it as JPEG or PNG") from failure
        raise UnreadablePicture(f"is no picture in one of the formats {', '.join(FORMATS)}") from failure
    except Exception as failure:  # a broken file makes Pillow raise nearly anything
        raise UnreadablePicture(f"cannot be read: {_first_words(failure)}") from failure


def _lower_half(content: bytes, lower: deep_colour.LowerBytes) -> np.ndarray:
    """uint8[height, width, 3] of a picture whose upper half was read."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        deep_colour.prepare(image, lower)
        image.load()
        samples = np.asarray(ImageOps.exif_transpose(image))
    if samples.shape[2] > lower.alpha and samples[:, :, lower.alpha].min() < 255:
        raise UnreadablePicture(TRANSPARENT)
    return samples[:, :, lower.colours]


def check_header(image: ImageFile.ImageFile, limits: PictureLimits) -> None:
    """What is known before anything is decoded."""
    if image.width * image.height > limits.max_pixels:
        raise TooLarge(f"has {image.width} x {image.height} pixels; {limits.max_pixels:,} are allowed")
    # A phone's JPEG may carry a preview as a second frame; there the first one is the picture.
    if image.format not in ("MPO", "JPEG") and (frames := getattr(image, "n_frames", 1)) > 1:
        raise UnreadablePicture(f"has {frames} frames; send single pictures")
    if deep_colour.is_in_planes(image):
        raise UnreadablePicture("has 16 bits for each colour, each in a plane of its own; save the colours interleaved")


def _array(image: Image.Image, numbers: bool) -> np.ndarray:
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


def _grey(pixels: np.ndarray, wanted: str) -> np.ndarray:
    """[height, width] of a picture without colour, whatever its channels."""
    first = pixels[:, :, 0]
    if any((pixels[:, :, channel] != first).any() for channel in range(1, pixels.shape[2])):
        raise UnreadablePicture(f"is in colour; {wanted}")
    return first


def _nearly_grey(pixels: np.ndarray, wanted: str) -> np.ndarray:
    """[height, width] of a picture that has a slight tint at most: how bright it is (ITU-R BT.601)."""
    if pixels.shape[2] == 1 or not _has_little_tint(pixels) or (pixels == pixels[:, :, :1]).all():
        return _grey(pixels, wanted)
    weighed: np.ndarray = np.round(pixels @ _BRIGHTNESS).astype(pixels.dtype)
    return weighed


def _has_little_tint(pixels: np.ndarray) -> bool:
    return bool((pixels.max(axis=2) - pixels.min(axis=2)).max() <= _MOST_TINT * np.iinfo(pixels.dtype).max)


def _numbers(pixels: np.ndarray, lossy: bool) -> np.ndarray:
    """[height, width] of a mask without colours; bool of one in black and white."""
    wanted = "a mask of this task has one number a pixel"
    return _nearly_grey(pixels, wanted) if lossy else _grey(pixels, wanted)


def _check_colours(pixels: np.ndarray, lossy: bool) -> None:
    if lossy:
        raise UnreadablePicture("is a JPEG, which blurs the colours of the classes; save masks as PNG")
    if pixels.dtype != np.uint8:
        raise UnreadablePicture("has 16 bits for each colour; the colours of classes have 8")


def _is_lossy(content: bytes) -> bool:
    """A JPEG, or a WebP that is compressed like one."""
    return content.startswith(b"\xff\xd8\xff") or content[8:16] == b"WEBPVP8 "


def _first_words(failure: Exception) -> str:
    text = str(failure).strip().splitlines()
    return text[0][:200] if text else type(failure).__name__
