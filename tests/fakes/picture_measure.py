from __future__ import annotations

from application.ports.picture_codec import PictureLimits
from application.ports.picture_measure import PictureMeasure
from tests.fakes.picture_codec import read_npy


class NpyPictureMeasure(PictureMeasure):
    """Of files in the format of numpy."""

    def size(self, content: bytes, limits: PictureLimits = PictureLimits()) -> tuple[int, int]:
        height, width = read_npy(content, limits).shape[:2]
        return width, height
