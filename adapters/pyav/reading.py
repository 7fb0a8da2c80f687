"""A video from anybody: one demuxer, a few decoders, no other file, every size looked at before and after decoding."""
from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Never

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from adapters.pyav.containers import check_whole
from adapters.pyav.pixels import upright_pixels
from application.ports.video_codec import (
    OpenedVideo,
    UnreadableVideo,
    VideoContainer,
    VideoFacts,
    VideoFrame,
    VideoLimits,
)
from domain.errors import TooLarge

_DEMUXERS = {VideoContainer.MP4: "mov", VideoContainer.AVI: "avi", VideoContainer.WEBM: "matroska"}
# FFmpeg has hundreds of decoders, most of them for what nobody sends; each is a way in.
_DECODERS = ("h264", "hevc", "mpeg4", "msmpeg4v2", "msmpeg4", "mpeg1video", "mpeg2video", "vp8", "libvpx", "vp9",
             "libvpx-vp9", "av1", "libdav1d", "mjpeg", "png", "ffv1", "huffyuv", "ffvhuff", "utvideo", "rawvideo")
# FFmpeg forgets a size above its limit; up to this one it can still be told.
_TOLD_PIXELS = 100_000_000
_OPTIONS = {"codec_whitelist": ",".join(_DECODERS), "max_streams": "50", "max_pixels": str(_TOLD_PIXELS)}
_BLOCKS_PIXELS = 1 << 16
_USUAL_RATE, _MAX_RATE = Fraction(25), 1_000
_LONGEST_TICKS = 1 << 53  # months, even where a tick is a nanosecond
_SHOWN_CHARS = 200


def open_video(content: bytes, container: VideoContainer, limits: VideoLimits) -> OpenedVideo:
    """The first frame is decoded at once: it knows which way is up."""
    check_whole(content, container)
    with _translated():
        opened = av.open(io.BytesIO(content), "r", format=_DEMUXERS[container], options=_OPTIONS,
                         metadata_errors="replace", io_open=_no_other_file)
        stream = _video_stream(opened)
        _check_header(stream, limits)
        stream.thread_count = 1
        # Roughly, as FFmpeg counts in whole blocks: of frames that grow later; each is looked at again.
        stream.codec_context.options = {"max_pixels": str(2 * limits.max_pixels + _BLOCKS_PIXELS)}
    rate, tick_s = _rate(stream), stream.time_base
    if tick_s is None:
        raise UnreadableVideo("says nothing of its times")
    times = _Times(max(round(1 / rate / tick_s), 1))
    frames = _frames(opened, stream, times, limits, container is VideoContainer.AVI)
    first = next(frames, None)
    if first is None:
        raise UnreadableVideo("has no frames")
    height, width = first.pixels.shape[:2]
    return OpenedVideo(VideoFacts(container, width, height, rate, tick_s), chain([first], frames))


def _no_other_file(*_: object) -> Never:
    raise PermissionError("a video opens no other file")


def _video_stream(opened: InputContainer) -> VideoStream:
    # The picture of a cover is a stream of one frame.
    streams = [stream for stream in opened.streams.video if not stream.disposition & stream.disposition.attached_pic]
    if not streams:
        raise UnreadableVideo("has sound and no video" if opened.streams.audio else "has no video in it")
    context = streams[0].codec_context
    if context is None or context.codec.name not in _DECODERS:
        raise UnreadableVideo("is coded in a way that is not read; H.264, H.265, VP8, VP9, AV1, MPEG-4 and Motion JPEG "
                              "are")
    return streams[0]


def _check_header(stream: VideoStream, limits: VideoLimits) -> None:
    """What is known before anything is decoded."""
    if stream.frames > limits.max_frames:
        raise TooLarge(f"has {stream.frames:,} frames; {limits.max_frames:,} are allowed")
    if not stream.width or not stream.height:
        raise TooLarge(f"says nothing of its size, or more than {_TOLD_PIXELS:,} pixels; {limits.max_pixels:,} are "
                       "allowed")
    _check_size(stream.width, stream.height, limits)


def _check_size(width: int, height: int, limits: VideoLimits) -> None:
    if width * height > limits.max_pixels:
        raise TooLarge(f"has frames of {width} x {height} pixels; {limits.max_pixels:,} are allowed")


def _rate(stream: VideoStream) -> Fraction:
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate is not None and 0 < rate <= _MAX_RATE:
            return rate
    return _USUAL_RATE


def _frames(opened: InputContainer, stream: VideoStream, times: _Times, limits: VideoLimits, by_packets: bool
            ) -> Iterator[VideoFrame]:
    size: tuple[int, int] | None = None
    with opened, _translated():
        for number, (frame, at) in enumerate(_decoded(opened, stream, by_packets)):
            if number >= limits.max_frames:
                raise TooLarge(f"has more than the {limits.max_frames:,} frames that are allowed")
            _check_size(frame.width, frame.height, limits)
            size = size or (frame.width, frame.height)
            if frame.is_corrupt or (frame.width, frame.height) != size:
                raise UnreadableVideo(f"frame {number} " + ("is broken" if frame.is_corrupt else "has another size"))
            yield VideoFrame(upright_pixels(frame), times.rising(at, number), frame.duration or times.usual)


def _decoded(opened: InputContainer, stream: VideoStream, by_packets: bool
             ) -> Iterator[tuple[av.VideoFrame, int | None]]:
    """Each frame and its time. by_packets: an AVI knows when a packet comes, not which frame is in it: the frames are
    shown one after the other at the times of those that are not empty."""
    waiting: deque[int | None] = deque()
    for packet in opened.demux(stream):
        if by_packets and packet.size:
            waiting.append(packet.dts)
        for frame in packet.decode():
            if by_packets:
                yield frame, waiting.popleft() if waiting else None
            else:
                yield frame, frame.pts


@dataclass(slots=True)
class _Times:
    """Ticks from the first frame on; one that is missing or goes back is put where it is usual."""

    usual: int
    start: int | None = None
    last: int = -1

    def rising(self, pts: int | None, number: int) -> int:
        if self.start is None:
            self.start = pts or 0
        at = None if pts is None else pts - self.start
        self.last = at if at is not None and at > self.last else self.last + self.usual if number else 0
        if self.last > _LONGEST_TICKS:
            raise UnreadableVideo(f"frame {number} is at an impossible time")
        return self.last


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (UnreadableVideo, TooLarge):
        raise
    except Exception as failure:  # a broken file makes PyAV raise many kinds, its own and others
        text = (getattr(failure, "strerror", None) or str(failure) or type(failure).__name__).splitlines()[0]
        raise UnreadableVideo(f"cannot be read: {text[:_SHOWN_CHARS]}") from failure
