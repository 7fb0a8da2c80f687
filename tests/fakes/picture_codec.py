from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from application.ports.picture_codec import PictureCodec, PictureFacts, PictureLimits, UnreadablePicture
from domain.arrays import Array
from domain.errors import TooLarge
from domain.picture import mask_values
from domain.schema import Column


class NpyPictureCodec(PictureCodec):
    """Files in the format of numpy."""

    def read_picture(self, content: bytes, column: Column, limits: PictureLimits = PictureLimits()) -> Array:
        pixels = np.atleast_3d(_read(content, limits))
        if column.bits == 8 and pixels.dtype != np.uint8:
            raise UnreadablePicture("has 16 bits a pixel; the task takes 8")
        if column.channels == 1 and pixels.shape[2] == 3:
            if (pixels != pixels[:, :, :1]).any():
                raise UnreadablePicture("is in colour; the task takes grey pictures")
            pixels = pixels[:, :, :1]
        pixels = np.repeat(pixels, column.channels // pixels.shape[2], axis=2)
        return pixels.astype(np.uint16) * 257 if pixels.dtype == np.uint8 and column.bits == 16 else pixels

    def read_mask(self, content: bytes, column: Column, classes: int, limits: PictureLimits = PictureLimits()
                  ) -> NDArray[np.uint8]:
        numbers, values = _read(content, limits), mask_values(column, classes)
        if not np.isin(numbers, values).all():
            raise UnreadablePicture("a value that stands for no class")
        return np.searchsorted(np.sort(values), numbers, sorter=None).astype(np.uint8) if list(values) == sorted(
            values) else np.vectorize(values.index)(numbers).astype(np.uint8)

    def look(self, content: bytes, numbers: bool, limits: PictureLimits = PictureLimits()) -> PictureFacts:
        pixels = np.atleast_3d(_read(content, limits))
        colour = (pixels != pixels[:, :, :1]).any()
        return PictureFacts(pixels.shape[1], pixels.shape[0], 3 if colour else 1, pixels.dtype.itemsize * 8,
                            () if colour else tuple(np.unique(pixels).tolist()))

    def write(self, pixels: Array) -> bytes:
        file = io.BytesIO()
        np.save(file, pixels)
        return file.getvalue()


def _read(content: bytes, limits: PictureLimits) -> Array:
    try:
        pixels: Array = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError) as failure:
        raise UnreadablePicture("is no picture") from failure
    if pixels.shape[0] * pixels.shape[1] > limits.max_pixels:
        raise TooLarge(f"has {pixels.shape} pixels")
    return pixels
