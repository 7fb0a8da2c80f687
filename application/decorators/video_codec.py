"""A service without what reads videos."""
from __future__ import annotations

from collections.abc import Iterable
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


class NoVideos(VideoCodec):
    """Says what to install."""

    def read(self, content: bytes, container: VideoContainer, limits: VideoLimits = VideoLimits()) -> OpenedVideo:
        raise UnreadableVideo("is a video, which this service cannot read: install it with the extra video "
                              "(pip install 'progon[video]')")

    def write(self, file: BinaryIO, facts: VideoFacts, frames: Iterable[VideoFrame], exact: bool) -> None:
        raise UnreadableVideo("cannot be written without the extra video")
