"""Pictures of 16 bits for each colour. Pillow holds 8: it keeps the upper byte of each sample and drops the lower.

Told that the bytes stand the other way round, it keeps the lower one. So such a picture is read twice, with all that
Pillow checks, and the halves are put together. Writing one as PNG needs no more than zlib.
"""
from __future__ import annotations

import struct
import sys
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

_OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_MARK = b"\x89PNG\r\n\x1a\n"
_RGB, _UP = 2, 2  # a type of colour and a filter of PNG
_BITS_PER_SAMPLE, _PLANAR_CONFIGURATION, _SEPARATE = 258, 284, 2  # tags of TIFF, and a value


@dataclass(frozen=True, slots=True)
class LowerBytes:
    """How they are read: the raw mode, and which channels of what comes are those of the colours and of the alpha."""

    raw_mode: str
    colours: tuple[int, int, int] = (0, 1, 2)
    alpha: int = 3


def lower_bytes(image: ImageFile.ImageFile) -> LowerBytes | None:
    """None for a picture that Pillow holds whole. To be asked before it is loaded."""
    raw_modes = {_raw_mode(tile.args) for tile in image.tile}
    if image.mode not in ("RGB", "RGBA") or not any(";16" in raw_mode for raw_mode in raw_modes):
        return None
    raw_mode, = raw_modes
    if raw_mode == "LA;16B":
        return LowerBytes("RGBA", (1, 1, 1))  # both bytes of both channels, as they are
    return LowerBytes(raw_mode[:-1] + _OTHER_ORDER[raw_mode[-1]])


def is_in_planes(image: ImageFile.ImageFile) -> bool:
    """The lower bytes of such a TIFF cannot be had."""
    return (isinstance(image, TiffImageFile) and image.mode in ("RGB", "RGBA")
            and image.tag_v2.get(_PLANAR_CONFIGURATION) == _SEPARATE
            and max(image.tag_v2.get(_BITS_PER_SAMPLE, (8,))) > 8)


def prepare(image: ImageFile.ImageFile, lower: LowerBytes) -> None:
    """`image`, not loaded yet, will hold the lower bytes."""
    for number, tile in enumerate(image.tile):
        rest = tile.args[1:] if isinstance(tile.args, tuple) else None
        image.tile[number] = tile._replace(args=lower.raw_mode if rest is None else (lower.raw_mode, *rest))


def joined(upper: NDArray[np.uint8], lower: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """uint16 of both bytes, uint8 of the same shape."""
    pixels = upper.astype(np.uint16)
    pixels <<= 8
    pixels |= lower
    return pixels


def png_of(pixels: NDArray[np.uint16]) -> bytes:
    """pixels: uint16[height, width, 3]."""
    height, width = pixels.shape[:2]
    rows = np.ascontiguousarray(pixels, dtype=">u2").view(np.uint8).reshape(height, -1)
    filtered = np.empty((height, rows.shape[1] + 1), np.uint8)
    filtered[:, 0], filtered[0, 1:] = _UP, rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 16, _RGB, 0, 0, 0)
    return _MARK + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(filtered.data)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _raw_mode(arguments: tuple[object, ...] | str | None) -> str:
    """Those of a decoder are a raw mode, or begin with one."""
    return str(arguments[0] if isinstance(arguments, tuple) and arguments else arguments)
