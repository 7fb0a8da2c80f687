"""Frames and videos for tests, drawn by rule."""
from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from fractions import Fraction

import numpy as np

from application.ports.video_codec import VideoCodec, VideoContainer, VideoFacts, VideoFrame

# The units of time that the kinds of files keep.
TICKS_S = {VideoContainer.MP4: Fraction(1, 12_800), VideoContainer.AVI: Fraction(1, 25),
           VideoContainer.WEBM: Fraction(1, 1_000)}
RATE = Fraction(25)


def facts(container: VideoContainer, width: int, height: int) -> VideoFacts:
    return VideoFacts(container, width, height, RATE, TICKS_S[container])


def timed(container: VideoContainer, pictures: Iterable[np.ndarray], steps: Iterable[int] | None = None
          ) -> Iterator[VideoFrame]:
    """steps: how many 25ths of a second each is shown; one, if left out."""
    unit, at = int(1 / RATE / TICKS_S[container]), 0
    steps = None if steps is None else iter(steps)
    for pixels in pictures:
        lasts = unit * (1 if steps is None else next(steps))
        yield VideoFrame(pixels, at, lasts)
        at += lasts


def grey_frames(n: int, height: int, width: int) -> Iterator[np.ndarray]:
    """A bright disc that goes over dark ground, and a step of grey in a corner."""
    rows, columns = np.mgrid[:height, :width]
    for number in range(n):
        pixels = np.full((height, width, 1), 51, np.uint8)
        pixels[(rows - height // 2) ** 2 + (columns - 3 * number) ** 2 < (height // 3) ** 2] = 204
        pixels[:height // 5, :width // 5] = 255
        yield pixels


def colour_frames(n: int, height: int, width: int) -> Iterator[np.ndarray]:
    for pixels in grey_frames(n, height, width):
        yield np.concatenate([pixels, pixels // 2, 255 - pixels], axis=2)


def written(codec: VideoCodec, container: VideoContainer, pictures: list[np.ndarray], exact: bool = True,
            steps: Iterable[int] | None = None) -> bytes:
    file, (height, width) = io.BytesIO(), pictures[0].shape[:2]
    codec.write(file, facts(container, width, height), timed(container, pictures, steps), exact)
    return file.getvalue()
