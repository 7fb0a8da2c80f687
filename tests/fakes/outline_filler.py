from __future__ import annotations

import numpy as np

from application.ports.outline_filler import OutlineFiller
from application.ports.picture_codec import PictureLimits
from domain.errors import TooLarge
from domain.outlines import Outlines, Ring


class NumpyOutlineFiller(OutlineFiller):
    def fill(self, outlines: Outlines, limits: PictureLimits = PictureLimits()) -> np.ndarray:
        if outlines.width * outlines.height > limits.max_pixels:
            raise TooLarge("too many pixels")
        mask = np.zeros((outlines.height, outlines.width), np.uint8)
        for shape in outlines.shapes:
            for ring in shape.rings:
                mask[_inside(ring, outlines.width, outlines.height)] = outlines.numbers[shape.name]
        return mask


def _inside(ring: Ring, width: int, height: int) -> np.ndarray:
    """Pixels whose centre has an odd number of sides to its right."""
    down, across = np.mgrid[:height, :width] + 0.5
    inside = np.zeros((height, width), bool)
    for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True):
        if y0 != y1:
            inside ^= ((y0 > down) != (y1 > down)) & (across < (x1 - x0) * (down - y0) / (y1 - y0) + x0)
    return inside
