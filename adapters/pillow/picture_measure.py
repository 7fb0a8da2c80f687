"""The size of a picture by Pillow, which reads no more than its header for it."""
from __future__ import annotations

import io

from PIL import Image

from adapters.pillow.picture_codec import FORMATS, check_header, told
from application.ports.picture_codec import PictureLimits
from application.ports.picture_measure import PictureMeasure


class PillowPictureMeasure(PictureMeasure):
    def size(self, content: bytes, limits: PictureLimits = PictureLimits()) -> tuple[int, int]:
        with told(content, limits), Image.open(io.BytesIO(content), formats=FORMATS) as image:
            check_header(image, limits)
            return image.size
