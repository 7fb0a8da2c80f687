"""Videos that are read only while there is room for them, and a service without what reads any."""
from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

from application.ports.video_codec import (
    OpenedVideo,
    UnreadableVideo,
    VideoCodec,
    VideoContainer,
    VideoFacts,
    VideoFrame,
    VideoLimits,
)
from application.serving.room import GiveBack, Take

# Of a frame that is answered, as of a picture, and of those that a decoder holds, with half a byte for the colours of
# each pixel.
BYTES_A_PIXEL = 16 + 17 * 3 // 2


class NoVideos(VideoCodec):
    """Says what to install."""

    def read(self, content: bytes, container: VideoContainer, limits: VideoLimits = VideoLimits()) -> OpenedVideo:
        raise UnreadableVideo("is a video, which this service cannot read: install it with the extra video "
                              "(pip install 'progon[video]')")

    def write(self, file: BinaryIO, facts: VideoFacts, frames: Iterable[VideoFrame], exact: bool) -> None:
        raise UnreadableVideo("cannot be written without the extra video")


class RoomyVideoCodec(VideoCodec):
    """What the frames of a video are going to take is counted from its first frame on, until nobody takes frames of it
    any more. Raises: Busy too, and TooLarge for what could never be had."""

    def __init__(self, codec: VideoCodec, take: Take) -> None:
        self._codec, self._take = codec, take

    def read(self, content: bytes, container: VideoContainer, limits: VideoLimits = VideoLimits()) -> OpenedVideo:
        opened = self._codec.read(content, container, limits)
        give_back = self._take(opened.facts.width * opened.facts.height * BYTES_A_PIXEL)
        frames = _until(opened.frames, give_back)
        weakref.finalize(frames, give_back).atexit = False  # they may never be taken
        return replace(opened, frames=frames)

    def write(self, file: BinaryIO, facts: VideoFacts, frames: Iterable[VideoFrame], exact: bool) -> None:
        self._codec.write(file, facts, frames, exact)


def _until(frames: Iterator[VideoFrame], give_back: GiveBack) -> Iterator[VideoFrame]:
    try:
        yield from frames
    finally:
        give_back()
