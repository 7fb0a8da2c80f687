"""Pictures beside the rows that they belong to."""
from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from application.ports.artifact_store import ArtifactExists, ArtifactStore
from application.ports.feature_store import FeatureStore
from application.ports.picture_codec import PictureCodec, PictureLimits
from domain.dataset import Appended, DatasetVersion
from domain.picture import cells
from domain.schema import OF_FILES, Column, ColumnType
from domain.table import Table
from domain.task import Task

CHUNK_PICTURES = 16
NO_LIMITS = PictureLimits(1 << 62)


class StoredPictures(FeatureStore):
    """A feature store that keeps pictures as files, each under the digest of its content, and digests in the rows: the
    same picture twice is one. Tables pass through as they are.

    A file is there before its row is; one whose batch then came to nothing does no harm.
    """

    def __init__(self, rows: FeatureStore, files: ArtifactStore, codec: PictureCodec) -> None:
        self._rows, self._files, self._codec = rows, files, codec

    def append(self, task: Task, tables: Iterable[Table]) -> Appended:
        if not _picture_columns(task):
            return self._rows.append(task, tables)
        return self._rows.append(task, (self._in_digests(task, table, self._put) for table in tables))

    def digest(self, task: Task, tables: Iterable[Table]) -> str:
        return self._rows.digest(task, (self._in_digests(task, table, _digest) for table in tables))

    def read(self, task: Task, version: int, chunk_rows: int = 65_536,
             columns: Sequence[str] | None = None, after: int = 0) -> Iterator[Table]:
        pictures = [column for column in _picture_columns(task) if columns is None or column.name in columns]
        if not pictures:
            return self._rows.read(task, version, chunk_rows, columns, after)
        chunks = self._rows.read(task, version, min(chunk_rows, CHUNK_PICTURES), columns, after)
        return (self._loaded(pictures, table) for table in chunks)

    def versions(self, task_name: str) -> Sequence[DatasetVersion]:
        return self._rows.versions(task_name)

    def sweep(self) -> int:
        return self._rows.sweep()

    @staticmethod
    def _in_digests(task: Task, table: Table, digest: Callable[[np.ndarray], str]) -> Table:
        digests = {column.name: np.array([digest(pixels) for pixels in table[column.name]], dtype=object)
                   for column in _picture_columns(task)}
        return Table(dict(table.columns) | digests)

    def _put(self, pixels: np.ndarray) -> str:
        digest = _digest(pixels)
        content = self._codec.write(pixels[:, :, 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels)
        try:
            self._files.put(picture_path(digest), io.BytesIO(content))
        except ArtifactExists:
            pass  # the same picture came before
        return digest

    def _loaded(self, pictures: Sequence[Column], table: Table) -> Table:
        loaded = {column.name: cells([self._get(column, digest) for digest in table[column.name]])
                  for column in pictures}
        return Table(dict(table.columns) | loaded)

    def _get(self, column: Column, digest: str) -> np.ndarray:
        content = self._files.read(picture_path(digest))
        if column.type is ColumnType.PICTURE:
            return self._codec.read_picture(content, column, NO_LIMITS)
        return self._codec.read_mask(content, Column(column.name, ColumnType.MASK), 256, NO_LIMITS)


def _picture_columns(task: Task) -> list[Column]:
    return [column for column in task.schema.stored if column.type in OF_FILES]


def _digest(pixels: np.ndarray) -> str:
    """SHA-256 of what is seen, whatever the format of the file was."""
    head = f"{pixels.dtype.name}{pixels.shape}".encode()
    return hashlib.sha256(head + pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()).hexdigest()


def picture_path(digest: str) -> str:
    return f"pictures/{digest[:2]}/{digest}.png"
