"""Pictures that are read only while there is room for them."""
from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from application.ports.picture_codec import MaskFacts, PictureCodec, PictureFacts, PictureLimits
from application.ports.picture_measure import PictureMeasure
from application.serving.room import Room
from domain.schema import Column

# Of a picture that is answered: it, its classes and their probabilities, and what is drawn of them.
BYTES_A_PIXEL = 16
# Of a mask, or of a picture that is only looked at.
BYTES_A_LOOK = 8
_Found = TypeVar("_Found")


class RoomyPictureCodec(PictureCodec):
    """What a picture is going to take is counted from its header on, before it is decoded, until nobody has its pixels
    any more. Raises: Busy too."""

    def __init__(self, codec: PictureCodec, measure: PictureMeasure, room: Room) -> None:
        self._codec, self._measure, self._room = codec, measure, room

    def read_picture(self, content: bytes, column: Column, limits: PictureLimits = PictureLimits()) -> np.ndarray:
        return self._kept(content, limits, BYTES_A_PIXEL, lambda: self._codec.read_picture(content, column, limits))

    def read_mask(self, content: bytes, column: Column, classes: int, limits: PictureLimits = PictureLimits()
                  ) -> np.ndarray:
        return self._kept(content, limits, BYTES_A_LOOK,
                          lambda: self._codec.read_mask(content, column, classes, limits))

    def look(self, content: bytes, limits: PictureLimits = PictureLimits()) -> PictureFacts:
        return self._meanwhile(content, limits, lambda: self._codec.look(content, limits))

    def look_at_mask(self, content: bytes, coloured: bool, limits: PictureLimits = PictureLimits()) -> MaskFacts:
        return self._meanwhile(content, limits, lambda: self._codec.look_at_mask(content, coloured, limits))

    def write(self, pixels: np.ndarray) -> bytes:
        return self._codec.write(pixels)

    def _take(self, content: bytes, limits: PictureLimits, pixel_bytes: int) -> Callable[[], None]:
        width, height = self._measure.size(content, limits)
        return self._room.take(width * height * pixel_bytes)

    def _kept(self, content: bytes, limits: PictureLimits, pixel_bytes: int, read: Callable[[], np.ndarray]
              ) -> np.ndarray:
        give_back = self._take(content, limits, pixel_bytes)
        try:
            pixels = read()
        except BaseException:
            give_back()
            raise
        weakref.finalize(pixels, give_back).atexit = False
        return pixels

    def _meanwhile(self, content: bytes, limits: PictureLimits, look: Callable[[], _Found]) -> _Found:
        give_back = self._take(content, limits, BYTES_A_LOOK)
        try:
            return look()
        finally:
            give_back()
