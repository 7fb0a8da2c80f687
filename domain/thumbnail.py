"""Pictures and masks made for eyes: 8 bits a colour, and small where many stand side by side."""
from __future__ import annotations

import numpy as np

from domain.picture_answer import coloured, for_eyes, stretched


def thumbnail(pixels: np.ndarray, max_px: int | None) -> np.ndarray:
    """uint8[height, width] or [height, width, 3] of a picture [height, width, channels], stretched as an overlay is; of
    one with a side above max_px each pixel is the mean of a square."""
    shown, step = stretched(pixels), _step(pixels, max_px)
    return for_eyes(_means(shown, step) if step > 1 else shown)


def mask_thumbnail(mask: np.ndarray, max_px: int | None) -> np.ndarray:
    """uint8[height, width, 3] of class positions [height, width]: each class in its colour, the first one black."""
    step = _step(mask, max_px)
    rows, columns = (np.minimum(np.arange(0, size, step) + step // 2, size - 1) for size in mask.shape)
    return coloured(mask[np.ix_(rows, columns)])


def _step(pixels: np.ndarray, max_px: int | None) -> int:
    return -(-max(pixels.shape[:2]) // max_px) if max_px else 1


def _means(shown: np.ndarray, step: int) -> np.ndarray:
    """Of whole squares; what is left over at the lower and right edge is repeated until it fills one."""
    down, across = (-size % step for size in shown.shape[:2])
    filled = np.pad(shown, ((0, down), (0, across), (0, 0)), mode="edge")
    height, width, channels = filled.shape
    return filled.reshape(height // step, step, width // step, step, channels).mean(axis=(1, 3))
