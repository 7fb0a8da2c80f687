"""What only FFmpeg can get wrong: videos made to do harm, and videos as cameras make them."""
from __future__ import annotations

import io
import random
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from adapters.pyav import reading
from adapters.pyav.video_codec import PyavVideoCodec
from application.ports.video_codec import UnreadableVideo, VideoContainer, VideoFrame, VideoLimits
from domain.errors import TooLarge
from tests.videos import colour_frames, facts, grey_frames, timed, written

CODEC = PyavVideoCodec()


def filmed(container: str, codec: str, form: str, pictures, rotation: int = 0, **options: str) -> bytes:
    """As a camera or a program other than this one would write it. pictures: uint8[height, width, 1 or 3]."""
    file, pictures = io.BytesIO(), list(pictures)
    with av.open(file, "w", format=container) as opened:
        stream = opened.add_stream(codec, rate=Fraction(30_000, 1_001), options=options)
        stream.height, stream.width, stream.pix_fmt = *pictures[0].shape[:2], form
        stream.thread_count = 1
        if rotation:
            stream.set_display_rotation(rotation)
        for pixels in pictures:
            colours = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
            opened.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(colours), "rgb24")))
        opened.mux(stream.encode())
    return file.getvalue()


def read(content: bytes, container: str, limits: VideoLimits = VideoLimits()) -> list[VideoFrame]:
    return list(CODEC.read(content, VideoContainer(container), limits).frames)


@pytest.mark.parametrize(("container", "codec", "form"), [
    ("mp4", "libx264", "yuv420p"), ("mp4", "libx264", "yuv444p"), ("mp4", "libx265", "yuv420p10le"),
    ("mp4", "mpeg4", "yuv420p"), ("mp4", "libsvtav1", "yuv420p"), ("webm", "libvpx", "yuv420p"),
    ("webm", "libvpx-vp9", "yuv444p"), ("avi", "mpeg4", "yuv420p"), ("avi", "libx264", "yuv420p"),
    ("avi", "rawvideo", "bgr24"), ("avi", "rawvideo", "gray"), ("avi", "ffv1", "gray16le"), ("avi", "huffyuv", "rgb24"),
    ("avi", "mjpeg", "yuvj422p"), ("avi", "png", "rgb24"),
])
def test_what_others_write_is_read_frame_by_frame_and_in_time(container, codec, form):
    pictures = list(grey_frames(25, 64, 96))
    content = filmed(container, codec, form, pictures)
    video = CODEC.read(content, VideoContainer(container))
    found = list(video.frames)
    assert abs(float(video.facts.rate) - 29.97) < 0.01
    seconds = np.array([float(frame.at * video.facts.tick_s) for frame in found])
    np.testing.assert_allclose(seconds, np.arange(25) * 1.001 / 30, atol=0.002)
    for frame, pixels in zip(found, pictures, strict=True):
        assert frame.pixels.shape == (64, 96, 1), "tinted at most"
        assert np.abs(frame.pixels.astype(int) - pixels).mean() < 8


@pytest.mark.parametrize(("container", "codec", "form"), [
    ("mp4", "libx264", "yuv420p"), ("avi", "rawvideo", "bgr24"), ("avi", "mjpeg", "yuvj420p")])
def test_colour_is_seen(container, codec, form):
    pictures = list(colour_frames(3, 64, 96))
    for frame, pixels in zip(read(filmed(container, codec, form, pictures), container), pictures, strict=True):
        assert frame.pixels.shape == (64, 96, 3)
        assert np.abs(frame.pixels.astype(int) - pixels).mean() < 16


@pytest.mark.parametrize(("rotation", "turns"), [(-90, -1), (90, 1), (180, 2)])
def test_a_video_that_is_turned_is_read_upright(rotation, turns):
    pictures = list(grey_frames(2, 40, 64))
    found = read(filmed("mp4", "libvpx-vp9", "yuv420p", pictures, rotation, lossless="1"), "mp4")
    assert np.abs(found[0].pixels.astype(int) - np.rot90(pictures[0], turns)).max() <= 2


@pytest.mark.parametrize("container", list(VideoContainer))
def test_no_byte_less_goes_unnoticed_before_a_frame_is_decoded(container):
    content = written(CODEC, container, list(grey_frames(3, 20, 30)))
    for length in range(0, len(content), 7):
        with pytest.raises(UnreadableVideo):
            CODEC.read(content[:length], container)


@pytest.mark.parametrize("container", list(VideoContainer))
@pytest.mark.parametrize("exact", [True, False])
def test_broken_videos_are_read_or_refused_and_nothing_else(container, exact):
    content = written(CODEC, container, list(grey_frames(8, 41, 57)), exact)
    for seed in range(80):
        broken, dice = bytearray(content), random.Random(seed)
        for _ in range(dice.randint(1, 8)):
            broken[dice.randrange(12, len(broken))] = dice.randrange(256)
        try:
            frames = read(bytes(broken), container, VideoLimits(100, 10_000))
        except (UnreadableVideo, TooLarge) as failure:
            assert failure.detail and "\n" not in failure.detail
        else:
            assert len(frames) >= 1


def atom(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def pointing_elsewhere(path: Path) -> bytes:
    """An MP4 whose frames are said to lie in another file: FFmpeg calls that an external data reference."""
    content = filmed("mp4", "mpeg4", "yuv420p", grey_frames(3, 16, 16))
    own = atom(b"url ", struct.pack(">I", 1))
    text = str(path).encode()
    text += bytes(len(text) % 2)
    alias = bytes(6) + bytes(4) + bytes(140) + struct.pack(">HH", 2, len(text)) + text + struct.pack(">HH", 0xffff, 0)
    elsewhere = atom(b"alis", struct.pack(">I", 0), alias)
    grown = len(elsewhere) - len(own)
    assert content.index(b"moov") > content.index(b"mdat"), "no offset of a frame changes"
    changed = bytearray(content.replace(own, elsewhere))
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        at = changed.index(kind) - 4
        struct.pack_into(">I", changed, at, struct.unpack_from(">I", changed, at)[0] + grown)
    return bytes(changed)


def test_no_other_file_is_opened(tmp_path, monkeypatch):
    secret, asked = tmp_path / "secret", []
    secret.write_bytes(filmed("mp4", "mpeg4", "yuv420p", grey_frames(3, 16, 16)))

    def tell(url, flags, options):
        asked.append(url)
        raise PermissionError

    content, followed = pointing_elsewhere(secret), {"enable_drefs": "1", "use_absolute_path": "1"}
    with pytest.raises(PermissionError):
        av.open(io.BytesIO(content), format="mov", io_open=tell, options=followed)
    assert [url for url in asked if url.endswith("secret")], "told to follow, FFmpeg asks for the other file"
    asked.clear()
    monkeypatch.setattr(reading, "_no_other_file", tell)
    with pytest.raises((UnreadableVideo, TooLarge)):
        read(content, "mp4")
    assert asked == []


@pytest.mark.parametrize("text", [
    b"#EXTM3U\n#EXTINF:1,\n%s\n#EXT-X-ENDLIST\n", b"ffconcat version 1.0\nfile '%s'\n",
    b"<?xml version='1.0'?><MPD><BaseURL>%s</BaseURL></MPD>", b"RTSPtextRTSP://%s", b"[Reference]\nRef1=%s\n"])
@pytest.mark.parametrize("container", list(VideoContainer))
def test_lists_of_other_files_are_no_videos(tmp_path, container, text):
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(filmed("mp4", "mpeg4", "yuv420p", grey_frames(3, 16, 16)))
    for start in (b"", b"\0\0\0\x10ftypisom\0\0\0\0", b"\x1a\x45\xdf\xa3\x80", b"RIFF\0\0\0\0AVI "):
        with pytest.raises(UnreadableVideo):
            read(start + text % str(secret).encode(), container)


def test_a_frame_of_another_size_is_refused():
    one, other = (filmed("avi", "mjpeg", "yuvj420p", grey_frames(2, *size)) for size in ((32, 48), (32, 64)))
    start, end = other.index(b"\xff\xd8"), other.index(b"\xff\xd9") + 2
    at, stop = one.rindex(b"\xff\xd8"), one.rindex(b"\xff\xd9") + 2
    room = stop - at
    # The frame is put into the room of the last one; what is over is beyond its end mark.
    content = one[:at] + other[start:end][:room].ljust(room, b"\0") + one[stop:]
    with pytest.raises(UnreadableVideo, match="frame 1 has another size"):
        read(content, "avi")


def test_a_video_coded_in_an_unusual_way_is_not_decoded():
    with pytest.raises(UnreadableVideo, match="H.264"):
        read(filmed("avi", "flv", "yuv420p", grey_frames(2, 32, 48)), "avi")


def test_times_that_no_file_can_hold():
    frames = [VideoFrame(np.zeros((8, 8, 1), np.uint8), at, 1) for at in (0, 1 << 40)]
    with pytest.raises(UnreadableVideo, match="times"):
        CODEC.write(io.BytesIO(), facts(VideoContainer.AVI, 8, 8), frames, True)


@pytest.mark.parametrize("container", list(VideoContainer))
@pytest.mark.parametrize("classes", range(2, 17))
def test_the_levels_of_masks_come_back(container, classes):
    levels = np.linspace(0, 255, classes).round().astype(np.uint8)
    pictures = [np.random.default_rng(seed).choice(levels, (22, 34, 1)) for seed in range(3)]
    for frame, pixels in zip(read(written(CODEC, container, pictures), container), pictures, strict=True):
        nearest = levels[np.abs(frame.pixels.astype(int) - levels).argmin(axis=2)]
        np.testing.assert_array_equal(nearest, pixels[:, :, 0])


def test_coded_video_is_smaller_than_its_frames():
    file = io.BytesIO()
    CODEC.write(file, facts(VideoContainer.MP4, 320, 240), timed(VideoContainer.MP4, grey_frames(30, 240, 320)), True)
    assert len(file.getvalue()) < 30 * 320 * 240 / 50
