"""Outlines filled by Pillow."""
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from application.ports.outline_filler import OutlineFiller
from application.ports.picture_codec import PictureLimits
from domain.errors import TooLarge
from domain.outlines import Outlines


class PillowOutlineFiller(OutlineFiller):
    def fill(self, outlines: Outlines, limits: PictureLimits = PictureLimits()) -> NDArray[np.uint8]:
        if outlines.width * outlines.height > limits.max_pixels:
            raise TooLarge(f"has {outlines.width} x {outlines.height} pixels; {limits.max_pixels:,} are allowed")
        image, numbers = Image.new("L", (outlines.width, outlines.height)), outlines.numbers
        pen = ImageDraw.Draw(image)
        for shape in outlines.shapes:
            for ring in shape.rings:
                pen.polygon(ring, fill=numbers[shape.name], outline=numbers[shape.name])
        return np.array(image)
