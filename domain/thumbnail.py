"""Pictures and masks made for eyes: 8 bits a colour, and small where many stand side by side."""
from __future__ import annotations

import numpy as np

from domain.arrays import Array
from domain.picture_answer import STRIP_ROWS, coloured, for_eyes, in_strips, stretch_of


def thumbnail(pixels: Array, max_px: int | None) -> Array:
    """uint8[height, width] or [height, width, 3] of a picture [height, width, channels], stretched as an overlay is; of
    one with a side above max_px each pixel is the mean of a square."""
    stretch, step = stretch_of(pixels), _step(pixels, max_px)

    def small(part: Array) -> Array:
        return for_eyes(_means(stretch(part), step) if step > 1 else stretch(part))

    return in_strips(small, pixels, rows=max(STRIP_ROWS // step, 1) * step)


def mask_thumbnail(mask: Array, max_px: int | None) -> Array:
    """uint8[height, width, 3] of class positions [height, width]: each class in its colour, the first one black."""
    step = _step(mask, max_px)
    rows, columns = (np.minimum(np.arange(0, size, step) + step // 2, size - 1) for size in mask.shape)
    return coloured(mask[np.ix_(rows, columns)])


def _step(pixels: Array, max_px: int | None) -> int:
    return -(-max(pixels.shape[:2]) // max_px) if max_px else 1


def _means(shown: Array, step: int) -> Array:
    """Of whole squares; what is left over at the lower and right edge is repeated until it fills one."""
    down, across = (-size % step for size in shown.shape[:2])
    filled = np.pad(shown, ((0, down), (0, across), (0, 0)), mode="edge")
    height, width, channels = filled.shape
    means: Array = filled.reshape(height // step, step, width // step, step, channels).mean(axis=(1, 3))
    return means
