from __future__ import annotations

import io

import numpy as np

from application.ports.picture_codec import MaskFacts, PictureCodec, PictureFacts, PictureLimits, UnreadablePicture
from domain.errors import TooLarge
from domain.picture import VOID, mask_values
from domain.schema import Column


class NpyPictureCodec(PictureCodec):
    """Files in the format of numpy."""

    def read_picture(self, content: bytes, column: Column, limits: PictureLimits = PictureLimits()) -> np.ndarray:
        pixels = np.atleast_3d(read_npy(content, limits))
        if column.bits == 8 and pixels.dtype != np.uint8:
            raise UnreadablePicture("has 16 bits a pixel; the task takes 8")
        if column.channels == 1 and pixels.shape[2] == 3:
            if (pixels != pixels[:, :, :1]).any():
                raise UnreadablePicture("is in colour; the task takes grey pictures")
            pixels = pixels[:, :, :1]
        pixels = np.repeat(pixels, column.channels // pixels.shape[2], axis=2)
        return pixels.astype(np.uint16) * 257 if pixels.dtype == np.uint8 and column.bits == 16 else pixels

    def read_mask(self, content: bytes, column: Column, classes: int, limits: PictureLimits = PictureLimits()
                  ) -> np.ndarray:
        places = {value: place for place, value in enumerate(mask_values(column, classes))} | (
            {} if column.void is None else {column.void: VOID})
        numbers = _codes(read_npy(content, limits), column.channels == 3)
        if not np.isin(numbers, list(places)).all():
            raise UnreadablePicture("a value that stands for no class")
        positions: np.ndarray = np.vectorize(places.__getitem__, otypes=[np.uint8])(numbers)
        return positions

    def look_at_mask(self, content: bytes, coloured: bool, limits: PictureLimits = PictureLimits()) -> MaskFacts:
        pixels = np.atleast_3d(read_npy(content, limits))
        coloured = coloured or bool((pixels != pixels[:, :, :1]).any())
        values = np.unique(_codes(pixels, coloured) if coloured else pixels).tolist()
        return MaskFacts(pixels.shape[1], pixels.shape[0], tuple(values), coloured, pixels.dtype.itemsize * 8)

    def look(self, content: bytes, limits: PictureLimits = PictureLimits()) -> PictureFacts:
        pixels = np.atleast_3d(read_npy(content, limits))
        colour = (pixels != pixels[:, :, :1]).any()
        return PictureFacts(pixels.shape[1], pixels.shape[0], 3 if colour else 1, pixels.dtype.itemsize * 8,
                            () if colour else tuple(np.unique(pixels).tolist()))

    def write(self, pixels: np.ndarray) -> bytes:
        file = io.BytesIO()
        np.save(file, pixels)
        return file.getvalue()


def _codes(pixels: np.ndarray, coloured: bool) -> np.ndarray:
    if not coloured:
        return pixels
    wide = np.broadcast_to(np.atleast_3d(pixels), (*pixels.shape[:2], 3)).astype(np.int32)
    return wide @ np.array([1 << 16, 1 << 8, 1], np.int32)


def read_npy(content: bytes, limits: PictureLimits) -> np.ndarray:
    try:
        pixels = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError) as failure:
        raise UnreadablePicture("is no picture") from failure
    if pixels.shape[0] * pixels.shape[1] > limits.max_pixels:
        raise TooLarge(f"has {pixels.shape} pixels")
    array: np.ndarray = pixels
    return array
