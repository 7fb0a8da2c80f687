"""An archive that gives labelled frames as pictures."""
from __future__ import annotations

import io

import numpy as np
import pytest

from application.decorators.picture_archive import LabelledFrames
from application.ports.picture_archive import ArchivedFile, ArchivedVideo, BrokenFile
from application.ports.video_codec import VideoContainer, VideoLimits
from domain.columns import ColumnType
from domain.errors import TooLarge
from domain.schema import Column
from tests.fakes.picture_archive import JsonPictureArchive
from tests.fakes.picture_codec import NpyPictureCodec
from tests.fakes.video_codec import LinesVideoCodec
from tests.videos import colour_frames, grey_frames, written

CODEC = LinesVideoCodec()
COLOUR = Column("image", ColumnType.PICTURE, channels=3)


def archive(limits: VideoLimits = VideoLimits(), videos=lambda: CODEC) -> LabelledFrames:
    return LabelledFrames(JsonPictureArchive(), NpyPictureCodec(), videos, limits)


def packed(**files: bytes) -> io.BytesIO:
    """Names with _ for / and . before the suffix, as keywords can hold."""
    named = (ArchivedFile(name.replace("__", "/").replace("_dot_", "."), content) for name, content in files.items())
    return io.BytesIO(b"".join(archive().write(named)))


def clip(make=grey_frames, n: int = 4) -> bytes:
    return written(CODEC, VideoContainer.MP4, list(make(n, 6, 8)))


@pytest.mark.parametrize("make", [grey_frames, colour_frames])
def test_frames_with_a_mask_come_as_pictures(make):
    content = packed(images__a_dot_mp4=clip(make), masks__a_3_dot_png=b"three", masks__a_1_dot_png=b"one")
    found = list(archive().read(content, True))
    assert [(each.picture.name, each.mask.content) for each in found] == [
        ("images/a.mp4/000001.png", b"one"), ("images/a.mp4/000003.png", b"three")]
    frame = np.broadcast_to(list(make(4, 6, 8))[3], (6, 8, 3))
    np.testing.assert_array_equal(NpyPictureCodec().read_picture(found[1].picture.content, COLOUR), frame)


def test_without_labels_videos_stay_videos():
    found, = archive(videos=None).read(packed(images__a_dot_mp4=b"whatever"), False)
    assert isinstance(found, ArchivedVideo)


def test_pictures_alone_need_nothing_of_videos():
    content = packed(images__a_dot_png=b"a", masks__a_dot_png=b"b")
    assert [found.mask.content for found in archive(videos=None).read(content, True)] == [b"b"]


def test_a_mask_for_a_frame_that_is_not_there():
    content = packed(images__a_dot_mp4=clip(), masks__a_2_dot_png=b"", masks__a_4_dot_png=b"", masks__a_9_dot_png=b"")
    frame, *broken = archive().read(content, True)
    assert frame.picture.name == "images/a.mp4/000002.png"
    assert [(type(one), one.name) for one in broken] == [(BrokenFile, "masks/a_4.png"), (BrokenFile, "masks/a_9.png")]
    assert all("4 frames are 0 to 3" in one.problem for one in broken)


def test_what_is_wrong_with_a_video_names_it():
    masks = {"masks__a_3_dot_png": b"", "images__b_dot_png": b"b", "masks__b_dot_png": b""}
    broken, after = archive().read(packed(images__a_dot_mp4=clip()[:-5], **masks), True)
    assert isinstance(broken, BrokenFile) and broken.name == "images/a.mp4"
    assert after.picture.name == "images/b.png"
    with pytest.raises(TooLarge, match=r"images/a\.mp4"):
        list(archive(VideoLimits(max_frames=2)).read(packed(images__a_dot_mp4=clip(), **masks), True))


def test_nothing_is_decoded_after_the_last_labelled_frame():
    content = packed(images__a_dot_mp4=clip(n=9), masks__a_1_dot_png=b"")
    assert len(list(archive(VideoLimits(max_frames=2)).read(content, True))) == 1
