"""Masks drawn from outlines."""
from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from application.ports.picture_codec import PictureLimits
from domain.outlines import Outlines


class OutlineFiller(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def fill(self, outlines: Outlines, limits: PictureLimits = PictureLimits()) -> NDArray[np.uint8]:
        """uint8[height, width] of the `numbers` of the outlines: what they lie around, the line with it, the later on
        top. Raises: TooLarge."""
