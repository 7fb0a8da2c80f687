"""Frames of FFmpeg as arrays, and back. Grey levels are reckoned here, as FFmpeg's own way to them depends on sizes."""
from __future__ import annotations

import av
import numpy as np
from av.video.plane import VideoPlane
from numpy.typing import NDArray

# Coding moves the colours of grey pixels by a few levels; more than this in more than so many pixels is colour.
_TINT_LEVELS, _TINTED_SHARE = 24, 0.001
# A video's brightness goes from 16 to 235, unless it says that it goes from 0 to 255 (ITU-R BT.709).
_DARKEST, _LEVELS = 16, 219
_LUMA = np.round(np.arange(256) * _LEVELS / 255 + _DARKEST).astype(np.uint8)
_GREYS = np.round((np.arange(256) - _DARKEST) * 255 / _LEVELS).clip(0, 255).astype(np.uint8)
_WITH_LUMA = ("yuv420p", "yuv422p", "yuv444p", "yuv410p", "yuv411p", "yuv440p", "nv12")
_FULL_RANGE, _NO_CHROMA = 2, 128


def upright_pixels(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """uint8[height, width, 1], in colour uint8[height, width, 3]."""
    pixels = _grey(frame) if len(frame.format.components) == 1 and not frame.format.has_palette else _seen(frame)
    # FFmpeg turns counter-clockwise, as numpy does.
    return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90) % 4))


def grey_frame(pixels: NDArray[np.uint8]) -> av.VideoFrame:
    """A frame of the format yuv420p of uint8[height, width]."""
    height, width = pixels.shape
    frame = av.VideoFrame(width, height, "yuv420p")
    _rows(frame.planes[0])[:height, :width] = _LUMA[pixels]
    for plane in frame.planes[1:]:
        _rows(plane)[:] = _NO_CHROMA
    return frame


def _seen(frame: av.VideoFrame) -> NDArray[np.uint8]:
    pixels = np.asarray(frame.to_ndarray(format="rgb24", threads=1), np.uint8)
    red, green, blue = (pixels[:, :, channel] for channel in range(3))
    highest, lowest = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    if np.count_nonzero(highest - lowest > _TINT_LEVELS) > _TINTED_SHARE * highest.size:
        return pixels
    return pixels[:, :, :1] if frame.format.is_rgb or frame.format.has_palette else _grey(frame)


def _grey(frame: av.VideoFrame) -> NDArray[np.uint8]:
    if frame.format.name in _WITH_LUMA:
        luma = _rows(frame.planes[0])[:frame.height, :frame.width]
        return (luma if frame.color_range == _FULL_RANGE else _GREYS[luma])[:, :, None]
    return np.asarray(frame.to_ndarray(format="gray", threads=1), np.uint8)[:, :, None]


def _rows(plane: VideoPlane) -> NDArray[np.uint8]:
    """uint8[height, bytes of a line], the memory of FFmpeg itself."""
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
