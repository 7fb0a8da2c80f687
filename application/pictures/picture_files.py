"""The pixels of stored pictures and masks, each a file under the digest of its content."""
from __future__ import annotations

import hashlib
import io
from contextlib import suppress

from application.ports.artifact_store import ArtifactExists, ArtifactStore
from application.ports.picture_codec import PictureCodec, PictureLimits
from domain.arrays import Array
from domain.columns import ColumnType
from domain.schema import Column

NO_LIMITS = PictureLimits(1 << 62)
# A stored mask holds the positions of the classes, whatever pixel values stand for them in the task.
_STORED_MASK, _POSITIONS = Column("mask", ColumnType.MASK), 256


class PictureFiles:
    def __init__(self, files: ArtifactStore, codec: PictureCodec) -> None:
        self._files, self._codec = files, codec

    def put(self, pixels: Array) -> str:
        """Returns: the digest by which they are had again."""
        digest = digest_of(pixels)
        content = self._codec.write(pixels[:, :, 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels)
        with suppress(ArtifactExists):  # the same picture came before
            self._files.put(picture_path(digest), io.BytesIO(content))
        return digest

    def content(self, digest: str) -> bytes:
        """The file as it is stored. Raises: UnknownArtifact."""
        return self._files.read(picture_path(digest))

    def pixels(self, column: Column, digest: str) -> Array:
        """As coercion would give them. Raises: UnknownArtifact."""
        return self.mask(digest) if column.type is ColumnType.MASK else self.picture(column, digest)

    def picture(self, column: Column, digest: str) -> Array:
        """Raises: UnknownArtifact, InvalidInput for one that the column could not hold."""
        return self._codec.read_picture(self.content(digest), column, NO_LIMITS)

    def mask(self, digest: str) -> Array:
        """uint8[height, width] class positions. Raises: UnknownArtifact."""
        return self._codec.read_mask(self.content(digest), _STORED_MASK, _POSITIONS, NO_LIMITS)


def digest_of(pixels: Array) -> str:
    """SHA-256 of what is seen, whatever the format of the file was."""
    head = f"{pixels.dtype.name}{pixels.shape}".encode()
    return hashlib.sha256(head + pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()).hexdigest()


def picture_path(digest: str) -> str:
    return f"pictures/{digest[:2]}/{digest}.png"
