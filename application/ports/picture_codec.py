"""Pictures as the bytes of a file, both ways."""
from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

import numpy as np

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


@dataclass(frozen=True, slots=True)
class MaskFacts:
    """values: the different numbers of a mask, rising; of one in colour they are colours, 0xRRGGBB. bits: 1 for black
    and white, whose 1 may stand for any number. repaired: it was lossy, and brought to the values that it means."""

    width: int
    height: int
    values: tuple[int, ...]
    coloured: bool = False
    bits: int = 8
    repaired: bool = False


class PictureCodec(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def read_picture(self, content: bytes, column: Column, limits: PictureLimits = PictureLimits()) -> np.ndarray:
        """uint8 or uint16[height, width, channels] by the column's `bits` and `channels`, upright as its EXIF says.

        A picture that holds less than the column can (grey for colour, 8 bits for 16) is brought up to it; one that
        holds more (colour, transparency, 16 bits), has several frames or another colour space, is refused. A tint of
        3 % at most is no colour.
        Raises: UnreadablePicture, TooLarge.
        """

    @abstractmethod
    def read_mask(self, content: bytes, column: Column, classes: int, limits: PictureLimits = PictureLimits()
                  ) -> np.ndarray:
        """uint8[height, width] positions of the classes, by the column's `values`, and VOID by its `void`. Of a picture
        with a palette the numbers count, not the colours; of a column in colour the colours. A lossy mask is brought to
        the nearest values where these are far apart and few pixels lie between them.
        Raises: UnreadablePicture, also for a value that stands for no class; TooLarge.
        """

    @abstractmethod
    def look(self, content: bytes, limits: PictureLimits = PictureLimits()) -> PictureFacts:
        """What a column has to be like to hold this picture. Raises: UnreadablePicture, TooLarge."""

    @abstractmethod
    def look_at_mask(self, content: bytes, coloured: bool, limits: PictureLimits = PictureLimits()) -> MaskFacts:
        """What is in a mask. coloured: the colours of a palette count, not its numbers. A lossy one is taken for black
        and white, if that is what it plainly means. Raises: UnreadablePicture, TooLarge."""

    @abstractmethod
    def write(self, pixels: np.ndarray) -> bytes:
        """A file without loss of uint8[height, width], uint16[height, width], uint8 or uint16[height, width, 3]."""
