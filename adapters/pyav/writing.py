"""A video as FFmpeg writes it: VP9 for what browsers play, in AVI one picture a frame, as old programs read it."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Literal

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from adapters.pyav.pixels import grey_frame
from application.ports.video_codec import UnreadableVideo, VideoContainer, VideoFacts, VideoFrame

_BT709 = 1


@dataclass(frozen=True, slots=True)
class _Form:
    codec: Literal["libvpx-vp9", "png", "mjpeg"]
    pixels: str
    options: Mapping[str, str]


# VP9 takes odd sizes, codes without loss where it is told to, and needs none of the parts of FFmpeg under the GPL.
_VP9 = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
_BROWSERS = {True: _Form("libvpx-vp9", "yuv420p", _VP9 | {"lossless": "1"}),
             False: _Form("libvpx-vp9", "yuv420p", _VP9 | {"crf": "20", "b": "0"})}
_FORMS = {VideoContainer.MP4: _BROWSERS, VideoContainer.WEBM: _BROWSERS,
          VideoContainer.AVI: {True: _Form("png", "gray", {}),
                               False: _Form("mjpeg", "yuvj420p", {"qmin": "2", "qmax": "2"})}}


def write_video(file: BinaryIO, facts: VideoFacts, frames: Iterable[VideoFrame], exact: bool) -> None:
    form, lengths = _FORMS[facts.container][exact], {}
    try:
        with av.open(file, "w", format=facts.container.value) as opened:
            stream = _stream(opened, facts, form)
            for frame in frames:
                lengths[frame.at] = frame.lasts
                _mux(opened, stream, _coded(frame, facts, form), lengths)
            _mux(opened, stream, None, lengths)
    except av.FFmpegError as failure:
        raise UnreadableVideo(f"has a size or times that cannot be kept: {failure.strerror}") from failure


def _stream(opened: OutputContainer, facts: VideoFacts, form: _Form) -> VideoStream:
    stream = opened.add_stream(form.codec, rate=facts.rate, options=dict(form.options))
    stream.width, stream.height, stream.pix_fmt = facts.width, facts.height, form.pixels
    stream.thread_count = 1
    context = stream.codec_context
    context.time_base = facts.tick_s
    if form.pixels == "yuv420p":
        context.colorspace = context.color_primaries = context.color_trc = context.color_range = _BT709
    return stream


def _coded(frame: VideoFrame, facts: VideoFacts, form: _Form) -> av.VideoFrame:
    coded = _in_form(frame.pixels, form)
    coded.pts, coded.time_base, coded.duration = frame.at, facts.tick_s, frame.lasts
    return coded


def _in_form(pixels: NDArray[np.uint8], form: _Form) -> av.VideoFrame:
    is_grey, for_browsers = pixels.shape[2] == 1, form.pixels == "yuv420p"
    if is_grey and for_browsers:
        return grey_frame(pixels[:, :, 0])
    made = av.VideoFrame.from_ndarray(pixels[:, :, 0] if is_grey else pixels, "gray" if is_grey else "rgb24")
    colours, levels = ("ITU709", "MPEG") if for_browsers else (None, None)
    return made.reformat(format=form.pixels, threads=1, dst_colorspace=colours, dst_color_range=levels)


def _mux(opened: OutputContainer, stream: VideoStream, frame: av.VideoFrame | None, lengths: dict[int, int]) -> None:
    """lengths: of the frames on their way, by their times, as a coder passes them on to some containers alone."""
    for packet in stream.encode(frame):
        if packet.pts in lengths:
            packet.duration = lengths.pop(packet.pts)
        opened.mux(packet)
