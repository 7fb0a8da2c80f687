"""Picture and video files as rows for the use cases, and the answers to pictures as files."""
from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

import numpy as np

from application.data.frame_rows import FrameRows, frame_rows
from application.data.picture_rows import BrokenRows, PictureRows
from application.ports.picture_archive import (
    ArchivedFile, ArchivedPicture, ArchivedVideo, ArchiveLimits, BrokenFile, PictureArchive,
)
from application.ports.picture_codec import PictureCodec, PictureLimits
from application.ports.video_codec import Container as VideoKind
from application.ports.video_codec import VideoCodec, VideoLimits
from domain import picture_answer
from domain.errors import InvalidInput
from domain.picture_answer import Output
from domain.prediction import Predictions
from domain.table import Table
from domain.task import Task

MEDIA_TYPE = "image/png"


@dataclass(frozen=True, slots=True)
class PictureReader:
    """What reads pictures, videos and archives of them, and how large they may be."""

    archive: PictureArchive
    archive_limits: ArchiveLimits
    codec: PictureCodec
    limits: PictureLimits
    videos: VideoCodec
    video_limits: VideoLimits


def is_video(name: str) -> bool:
    """By its suffix."""
    return PurePosixPath(name).suffix.lower().removeprefix(".") in list(VideoKind)


def rows_of_picture(reader: PictureReader, task: Task, name: str, content: bytes) -> PictureRows:
    return PictureRows(task, ArchivedPicture(ArchivedFile(name, content), None), reader.codec, reader.limits)


def rows_of_archive(reader: PictureReader, task: Task, file: BinaryIO, labelled: bool
                    ) -> Iterator[PictureRows | FrameRows | BrokenRows]:
    """One row at a time: of a picture, or of a frame of a video. Raises: InvalidInput, TooLarge."""
    for found in reader.archive.read(file, labelled, reader.archive_limits):
        if isinstance(found, BrokenFile):
            yield BrokenRows(found.name, found.problem)
        elif isinstance(found, ArchivedVideo):
            yield from frame_rows(task, found.video, reader.videos, reader.video_limits)
        else:
            yield PictureRows(task, found, reader.codec, reader.limits)


def rows_of_video(reader: PictureReader, task: Task, name: str, content: bytes) -> Iterator[FrameRows | BrokenRows]:
    """name: with the suffix of a video. Raises: TooLarge."""
    return frame_rows(task, ArchivedFile(name, content), reader.videos, reader.video_limits)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the answer to a picture is to look like."""

    output: Output = Output.MASK
    threshold: float | None = None
    as_frames: bool = False


def read_wish(headers: Mapping[str, str]) -> Wish:
    """Raises: InvalidInput."""
    return Wish(picture_answer.read_output(headers.get("x-output")),
                picture_answer.read_threshold(headers.get("x-threshold")),
                picture_answer.read_as_frames(headers.get("x-video")))


@dataclass(frozen=True, eq=False, slots=True)
class DrawnAnswer:
    """content: PNG. summary: the share of the pixels by label."""

    content: bytes
    width: int
    height: int
    summary: Mapping[str, float]

    media_type = MEDIA_TYPE

    def file_name(self, name: str) -> str:
        return answer_name(name)

    def as_fields(self) -> dict[str, object]:
        return {"image": base64.b64encode(self.content).decode(), "media_type": MEDIA_TYPE, "width": self.width,
                "height": self.height, "summary": self.summary}


def drawn(task: Task, codec: PictureCodec, inputs: Table, predictions: Predictions, wish: Wish) -> DrawnAnswer:
    """The answer to the one picture of `inputs`."""
    picture: np.ndarray = inputs[task.schema.features[0].name][0]
    probabilities = predictions.probabilities[0]
    mask = picture_answer.decide(probabilities, wish.threshold)
    content = codec.write(picture_answer.draw(wish.output, task, picture, probabilities, mask))
    return DrawnAnswer(content, mask.shape[1], mask.shape[0], picture_answer.summary(task, mask))


def answer_name(name: str) -> str:
    """images/a.tif -> images/a.tif.png: two pictures that differ in their suffix alone get two answers."""
    path = PurePosixPath(name)
    return str(path if path.suffix.lower() == ".png" else path.with_name(f"{path.name}.png"))


def check_not_labelled(wish: Wish) -> None:
    """Raises: InvalidInput."""
    if wish.threshold is not None:
        raise InvalidInput("X-Threshold is for /forward and /forward_batch; metrics are those of the likeliest class")
