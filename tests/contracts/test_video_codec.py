"""The contract of the port VideoCodec."""
from __future__ import annotations

import io
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from adapters.pyav.video_codec import PyavVideoCodec
from application.decorators.video_codec import NoVideos, RoomyVideoCodec
from application.ports.video_codec import MEDIA_TYPES, UnreadableVideo, VideoCodec, VideoContainer, VideoLimits
from application.serving.room import nothing
from domain.errors import TooLarge
from tests.fakes.video_codec import LinesVideoCodec
from tests.videos import colour_frames, facts, grey_frames, timed, written

KINDS = list(VideoContainer)


def roomy() -> VideoCodec:
    return RoomyVideoCodec(PyavVideoCodec(), nothing)


@pytest.fixture(params=[LinesVideoCodec, PyavVideoCodec, roomy])
def codec(request) -> VideoCodec:
    return request.param()


def pixels(codec: VideoCodec, content: bytes, container: VideoContainer) -> list[np.ndarray]:
    return [frame.pixels for frame in codec.read(content, container).frames]


@pytest.mark.parametrize("container", KINDS)
@pytest.mark.parametrize("size", [(1, 1), (41, 57), (64, 48), (3, 200)])
def test_grey_frames_come_back_without_loss(codec, container, size):
    pictures = list(grey_frames(7, *size))
    read = codec.read(written(codec, container, pictures), container)
    assert (read.facts.container, read.facts.height, read.facts.width) == (container, *size)
    assert read.facts.rate == 25
    for one, other in zip(read.frames, pictures, strict=True):
        assert one.pixels.dtype == np.uint8 and one.pixels.flags.c_contiguous
        np.testing.assert_array_equal(one.pixels, other)


@pytest.mark.parametrize("container", KINDS)
def test_levels_that_differ_stay_apart(codec, container):
    levels = np.arange(0, 256, 2, dtype=np.uint8).repeat(4).reshape(16, 32, 1)
    back, = pixels(codec, written(codec, container, [levels]), container)
    assert len(set(zip(levels.ravel().tolist(), back.ravel().tolist(), strict=True))) == len(np.unique(back)) == 128
    assert np.abs(back.astype(int) - levels).max() <= 1


@pytest.mark.parametrize("container", KINDS)
@pytest.mark.parametrize(("make", "channels"), [(grey_frames, 1), (colour_frames, 3)])
def test_frames_with_loss_look_alike(codec, container, make, channels):
    pictures = list(make(5, 41, 57))
    for one, other in zip(pixels(codec, written(codec, container, pictures, False), container), pictures, strict=True):
        assert one.shape == (41, 57, channels)
        assert np.abs(one.astype(int) - other).mean() < 8


@pytest.mark.parametrize("container", KINDS)
def test_each_frame_keeps_its_time(codec, container):
    steps = [1, 2, 1, 5, 1, 1]
    content = written(codec, container, list(grey_frames(6, 20, 30)), steps=steps)
    read = codec.read(content, container)
    assert [frame.at * read.facts.tick_s * 25 for frame in read.frames] == [0, 1, 3, 4, 9, 10]


@pytest.mark.parametrize("container", KINDS)
def test_limits(codec, container):
    content = written(codec, container, list(grey_frames(9, 20, 30)))
    assert len(list(codec.read(content, container, VideoLimits(9, 600)).frames)) == 9
    for limits, words in ((VideoLimits(8, 600), "frames"), (VideoLimits(9, 599), "pixels")):
        with pytest.raises(TooLarge, match=words):
            list(codec.read(content, container, limits).frames)


@pytest.mark.parametrize("container", KINDS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.98])
def test_a_part_of_a_video(codec, container, share):
    content = written(codec, container, list(grey_frames(20, 41, 57)))
    with pytest.raises(UnreadableVideo) as failure:
        list(codec.read(content[:int(len(content) * share)], container).frames)
    assert failure.value.detail


@pytest.mark.parametrize("container", KINDS)
@pytest.mark.parametrize("content", [b"", b"text", b"\0" * 1_000, b"RIFF", b"\x1a\x45\xdf\xa3", b"\0\0\0\x18ftypmp42"])
def test_bytes_that_are_no_video(codec, container, content):
    with pytest.raises(UnreadableVideo) as failure:
        list(codec.read(content, container).frames)
    assert failure.value.detail


@pytest.mark.parametrize("container", KINDS)
def test_another_kind_of_file(codec, container):
    content = written(codec, container, list(grey_frames(2, 20, 30)))
    for other in set(KINDS) - {container}:
        with pytest.raises(UnreadableVideo):
            codec.read(content, other)


@pytest.mark.parametrize("container", KINDS)
def test_frames_are_let_go_of(codec, container):
    seen: list[weakref.ref] = []

    def few(made: np.ndarray) -> np.ndarray:
        seen.append(weakref.ref(made))
        assert sum(one() is not None for one in seen) <= 4
        return made

    file = io.BytesIO()
    codec.write(file, facts(container, 30, 20), timed(container, map(few, grey_frames(40, 20, 30))), True)
    for frame in codec.read(file.getvalue(), container).frames:
        few(frame.pixels)
    assert len(seen) == 80


def test_what_the_frames_raise_comes_out(codec):
    def frames():
        yield next(timed(VideoContainer.MP4, grey_frames(1, 20, 30)))
        raise TooLarge("enough")

    with pytest.raises(TooLarge, match="enough"):
        codec.write(io.BytesIO(), facts(VideoContainer.MP4, 30, 20), frames(), True)


def test_videos_side_by_side(codec):
    pictures = list(grey_frames(10, 20, 30))
    with ThreadPoolExecutor(4) as pool:
        for content in pool.map(lambda _: written(codec, VideoContainer.WEBM, pictures), range(8)):
            np.testing.assert_array_equal(pixels(codec, content, VideoContainer.WEBM), pictures)


def test_every_kind_has_a_media_type():
    assert set(MEDIA_TYPES) == set(VideoContainer)


def test_without_the_extra_it_is_said_what_to_install():
    with pytest.raises(UnreadableVideo, match=r"progon\[video\]"):
        NoVideos().read(b"", VideoContainer.MP4)
    with pytest.raises(UnreadableVideo, match="extra"):
        NoVideos().write(io.BytesIO(), facts(VideoContainer.MP4, 1, 1), [], True)
