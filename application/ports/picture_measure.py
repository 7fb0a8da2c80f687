"""How large a picture is going to be."""
from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from application.ports.picture_codec import PictureLimits


class PictureMeasure(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def size(self, content: bytes, limits: PictureLimits = PictureLimits()) -> tuple[int, int]:
        """(width, height) in pixels of the bytes of a file, by what it says of itself; nothing is decoded, and what
        follows may be broken. Raises: UnreadablePicture, TooLarge."""
