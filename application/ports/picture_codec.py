"""Pictures as the bytes of a file, both ways."""
from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from domain.arrays import Array
from domain.errors import InvalidInput
from domain.schema import Column


class UnreadablePicture(InvalidInput):
    """No picture, half of one, or one of another form than the task's; says what it is."""

    code = "unreadable_picture"


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """max_pixels: of one picture, looked at before it is decoded."""

    max_pixels: int = 64_000_000


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """values: the different pixel values of a picture without colour, rising; empty for one in colour."""

    width: int
    height: int
    channels: int
    bits: int
    values: tuple[int, ...]


class PictureCodec(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def read_picture(self, content: bytes, column: Column, limits: PictureLimits = PictureLimits()) -> Array:
        """uint8 or uint16[height, width, channels] by the column's `bits` and `channels`, upright as its EXIF says.

        A picture that holds less than the column can (grey for colour, 8 bits for 16) is brought up to it; one that
        holds more (colour, transparency, 16 bits), has several frames or another colour space, is refused.
        Raises: UnreadablePicture, TooLarge.
        """

    @abstractmethod
    def read_mask(self, content: bytes, column: Column, classes: int, limits: PictureLimits = PictureLimits()
                  ) -> NDArray[np.uint8]:
        """uint8[height, width] positions of the classes, by the column's `values`; of a picture with a palette the
        numbers count, not the colours. Raises: UnreadablePicture, also for a value that stands for no class; TooLarge.
        """

    @abstractmethod
    def look(self, content: bytes, numbers: bool, limits: PictureLimits = PictureLimits()) -> PictureFacts:
        """What a column has to be like to hold this picture. numbers: as those of a mask are read, so that its values
        are the numbers of a palette. Raises: UnreadablePicture, TooLarge."""

    @abstractmethod
    def write(self, pixels: Array) -> bytes:
        """A file without loss of uint8[height, width], uint16[height, width], uint8 or uint16[height, width, 3]."""
