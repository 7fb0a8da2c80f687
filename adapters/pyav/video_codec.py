"""Videos read and written by FFmpeg, through PyAV."""
from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from adapters.pyav.reading import open_video
from adapters.pyav.writing import write_video
from application.ports.video_codec import OpenedVideo, VideoCodec, VideoContainer, VideoFacts, VideoFrame, VideoLimits


class PyavVideoCodec(VideoCodec):
    def read(self, content: bytes, container: VideoContainer, limits: VideoLimits = VideoLimits()) -> OpenedVideo:
        return open_video(content, container, limits)

    def write(self, file: BinaryIO, facts: VideoFacts, frames: Iterable[VideoFrame], exact: bool) -> None:
        write_video(file, facts, frames, exact)
