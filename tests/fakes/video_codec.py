from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import BinaryIO

import numpy as np

from application.ports.video_codec import (
    OpenedVideo,
    UnreadableVideo,
    VideoCodec,
    VideoContainer,
    VideoFacts,
    VideoFrame,
    VideoLimits,
)
from domain.errors import TooLarge


class LinesVideoCodec(VideoCodec):
    """A line of JSON for the video and for each frame, and one for the end; nothing is ever lost."""

    def read(self, content: bytes, container: VideoContainer, limits: VideoLimits = VideoLimits()) -> OpenedVideo:
        lines = content.splitlines()
        if len(lines) < 3 or lines[0] != container.encode() or lines[-1] != b"end":
            raise UnreadableVideo("is no such video, or a part of one")
        head = json.loads(lines[1])
        facts = VideoFacts(container, head["width"], head["height"], Fraction(head["rate"]), Fraction(head["tick_s"]))
        if facts.width * facts.height > limits.max_pixels:
            raise TooLarge("too many pixels")
        return OpenedVideo(facts, _frames(lines[2:-1], limits))

    def write(self, file: BinaryIO, facts: VideoFacts, frames: Iterable[VideoFrame], exact: bool) -> None:
        head = {"width": facts.width, "height": facts.height, "rate": str(facts.rate), "tick_s": str(facts.tick_s)}
        file.write(f"{facts.container}\n{json.dumps(head)}\n".encode())
        for frame in frames:
            file.write(json.dumps([frame.pixels.tolist(), frame.at, frame.lasts]).encode() + b"\n")
        file.write(b"end\n")


def _frames(lines: list[bytes], limits: VideoLimits) -> Iterator[VideoFrame]:
    for number, line in enumerate(lines):
        if number >= limits.max_frames:
            raise TooLarge("too many frames")
        pixels, at, lasts = json.loads(line)
        yield VideoFrame(np.array(pixels, np.uint8), at, lasts)
