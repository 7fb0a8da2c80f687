"""Videos on their way to a model: a row a frame, decoded when it is asked for."""
from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from application.pictures.picture_rows import BrokenRows, refused
from application.ports.picture_archive import ArchivedFile
from application.ports.video_codec import (
    OpenedVideo,
    UnreadableVideo,
    VideoCodec,
    VideoContainer,
    VideoFacts,
    VideoFrame,
    VideoLimits,
)
from domain.arrays import Array
from domain.coercion import name_faults
from domain.errors import InvalidInput, TooLarge
from domain.picture import cells
from domain.rows import Rows
from domain.schema import Column
from domain.table import Table
from domain.task import Task

_FROM_8_TO_16_BITS = 257  # 255 becomes 65535


@dataclass(frozen=True, eq=False, slots=True)
class Clip:
    """The video that frames are of."""

    name: str
    facts: VideoFacts


@dataclass(frozen=True, eq=False, slots=True)
class FrameRows(Rows):
    """One row: a frame of a video, without a mask."""

    task: Task
    clip: Clip
    number: int
    frame: VideoFrame

    @property
    def name(self) -> str:
        return frame_name(self.clip.name, self.number)

    @property
    def names(self) -> Collection[str]:
        return [column.name for column in self.task.schema.features]

    def coerce(self, columns: Sequence[Column], optional: Iterable[str] = ()) -> Table:
        """Raises: InvalidInput."""
        if faults := name_faults(columns, self.names, optional):
            raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)
        return Table({column.name: cells([self.frame.pixels]) for column in columns})


def frame_name(video: str, number: int) -> str:
    """What the picture of a frame is called; number: from 0."""
    return f"{video}/{number:06d}.png"


def frame_rows(task: Task, file: ArchivedFile, codec: VideoCodec, limits: VideoLimits
               ) -> Iterator[FrameRows | BrokenRows]:
    """The last one says what is wrong with the video, if something is. Raises: TooLarge."""
    try:
        yield from _frames(task, file, codec, limits)
    except InvalidInput as failure:
        yield from (BrokenRows(fault.where, fault.problem) for fault in failure.faults)


def _frames(task: Task, file: ArchivedFile, codec: VideoCodec, limits: VideoLimits) -> Iterator[FrameRows]:
    """Raises: InvalidInput naming the file, TooLarge."""
    with named(file):
        video = opened(file, codec, limits)
        clip = Clip(file.name, video.facts)
        for number, frame in enumerate(video.frames):
            pixels = _fitted(frame.pixels, task.schema.features[0])
            yield FrameRows(task, clip, number, VideoFrame(pixels, frame.at, frame.lasts))


def opened(file: ArchivedFile, codec: VideoCodec, limits: VideoLimits) -> OpenedVideo:
    """Raises: UnreadableVideo, TooLarge."""
    return codec.read(file.content, VideoContainer(PurePosixPath(file.name).suffix.lower().removeprefix(".")), limits)


@contextmanager
def named(file: ArchivedFile) -> Iterator[None]:
    """Failures of the codec get the file's name."""
    try:
        yield
    except TooLarge as failure:
        raise TooLarge(f"{file.name} {failure.detail}") from failure
    except UnreadableVideo as failure:
        raise refused(file.name, failure.detail) from failure


def _fitted(pixels: Array, column: Column) -> Array:
    """uint8 or uint16[height, width, channels] as the column has it: what a picture codec does for a picture."""
    if column.channels < pixels.shape[2]:
        raise UnreadableVideo("is in colour; the task takes grey pictures")
    if column.channels > pixels.shape[2]:
        pixels = np.repeat(pixels, column.channels, axis=2)
    return pixels.astype(np.uint16) * _FROM_8_TO_16_BITS if column.bits == 16 else pixels
