"""Frames of videos as rows."""
from __future__ import annotations

import numpy as np
import pytest

from application.pictures.frame_rows import frame_rows
from application.ports.picture_archive import ArchivedFile
from application.ports.video_codec import VideoContainer, VideoLimits
from domain.errors import InvalidInput, TooLarge
from tests.fakes.video_codec import LinesVideoCodec
from tests.pictures import IMAGE, MASK, make_picture_task
from tests.videos import colour_frames, grey_frames, written

CODEC = LinesVideoCodec()


def video(make=grey_frames) -> ArchivedFile:
    return ArchivedFile("films/a.mp4", written(CODEC, VideoContainer.MP4, list(make(3, 6, 8))))


def pictures(task, file: ArchivedFile, limits: VideoLimits = VideoLimits()) -> list[np.ndarray]:
    return [row.coerce(task.schema.features)[IMAGE][0] for row in frame_rows(task, file, CODEC, limits)]


@pytest.mark.parametrize(("form", "make", "dtype", "factor"), [
    ({}, grey_frames, np.uint8, 1), ({"bits": 16}, grey_frames, np.uint16, 257),
    ({"channels": 3}, grey_frames, np.uint8, 1), ({"channels": 3}, colour_frames, np.uint8, 1),
    ({"channels": 3, "bits": 16}, colour_frames, np.uint16, 257),
])
def test_frames_are_brought_up_to_the_task(form, make, dtype, factor):
    task = make_picture_task(**form)
    for found, made in zip(pictures(task, video(make)), make(3, 6, 8), strict=True):
        assert (found.dtype, found.shape) == (dtype, (6, 8, form.get("channels", 1)))
        np.testing.assert_array_equal(found, np.broadcast_to(made.astype(dtype) * factor, found.shape))


def test_frames_have_names_and_one_video():
    rows = list(frame_rows(make_picture_task(), video(), CODEC, VideoLimits()))
    assert [row.name for row in rows] == [f"films/a.mp4/00000{number}.png" for number in range(3)]
    assert len({id(row.clip) for row in rows}) == 1


def test_colour_for_a_grey_task_is_told_once():
    with pytest.raises(InvalidInput) as failure:
        pictures(make_picture_task(), video(colour_frames))
    assert [(fault.where, fault.problem) for fault in failure.value.faults] == [
        ("films/a.mp4", "is in colour; the task takes grey pictures")]


def test_failures_of_the_codec_name_the_file():
    with pytest.raises(InvalidInput) as failure:
        pictures(make_picture_task(), ArchivedFile("a.mp4", b"text"))
    assert [fault.where for fault in failure.value.faults] == ["a.mp4"]
    with pytest.raises(TooLarge, match=r"films/a\.mp4"):
        pictures(make_picture_task(), video(), VideoLimits(max_frames=2))


def test_a_frame_has_no_mask():
    task = make_picture_task()
    row = next(frame_rows(task, video(), CODEC, VideoLimits()))
    with pytest.raises(InvalidInput, match=MASK):
        row.coerce(task.schema.stored)
