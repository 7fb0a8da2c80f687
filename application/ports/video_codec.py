"""Videos as the bytes of a file, both ways, frame by frame."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from domain.errors import InvalidInput


class UnreadableVideo(InvalidInput):
    """No video, a part of one, or one in a form that is not taken; says what it is."""

    code = "unreadable_video"


class VideoContainer(StrEnum):
    """The kinds of files, by the suffix of their names."""

    MP4 = "mp4"
    AVI = "avi"
    WEBM = "webm"


MEDIA_TYPES = {VideoContainer.MP4: "video/mp4", VideoContainer.AVI: "video/x-msvideo",
               VideoContainer.WEBM: "video/webm"}


@dataclass(frozen=True, slots=True)
class VideoLimits:
    """max_pixels: of one frame; a decoder holds up to seventeen of them."""

    max_frames: int = 10_000
    max_pixels: int = 10_000_000


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """rate: frames a second, of uneven ones the mean. tick_s: the unit in which times are whole numbers."""

    container: VideoContainer
    width: int
    height: int
    rate: Fraction
    tick_s: Fraction


@dataclass(frozen=True, eq=False, slots=True)
class VideoFrame:
    """pixels: uint8[height, width, 1] of a frame without colour, else uint8[height, width, 3].
    at, lasts: in ticks of its video, from its first frame on.
    """

    pixels: NDArray[np.uint8]
    at: int
    lasts: int


@dataclass(frozen=True, eq=False, slots=True)
class OpenedVideo:
    """frames: to be taken once."""

    facts: VideoFacts
    frames: Iterator[VideoFrame]


class VideoCodec(Protocol):
    """Few frames are in memory at any time, whichever way. Thread-safe: yes; a video belongs to one caller."""

    @abstractmethod
    def read(self, content: bytes, container: VideoContainer, limits: VideoLimits = VideoLimits()) -> OpenedVideo:
        """The first video stream, upright as its header says, with 8 bits a colour; sound is left out. A frame that
        coding has tinted a little counts as one without colour. No other file is opened, whatever the content asks for.

        Raises: UnreadableVideo for what is not whole or is no such container, TooLarge for what the header tells; while
        the frames are taken, the same for what only they tell, also if there are none or their size changes.
        """

    @abstractmethod
    def write(self, file: BinaryIO, facts: VideoFacts, frames: Iterable[VideoFrame], exact: bool) -> None:
        """A video of this size in this container, each frame at its own time; one that browsers play if it is MP4 or
        WebM. frames: one or more, all grey or all in colour, their times rising.

        exact: without loss, of grey frames alone; grey levels that differ by 2 or more stay apart.
        Raises: UnreadableVideo if the times cannot be kept; and what `frames` raises.
        """
