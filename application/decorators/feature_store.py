"""Pictures beside the rows that they belong to."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from application.pictures.picture_files import PictureFiles, digest_of
from application.ports.feature_store import FeatureStore
from application.serving.wanted import while_wanted
from domain.arrays import Array
from domain.dataset import Appended, DatasetVersion
from domain.picture import cells
from domain.schema import Column
from domain.table import Table
from domain.task import Task

CHUNK_PICTURES = 16


class StoredPictures(FeatureStore):
    """A feature store that keeps pictures as files, each under the digest of its content, and digests in the rows: the
    same picture twice is one. Tables pass through as they are.

    A file is there before its row is; one whose batch then came to nothing does no harm.
    """

    def __init__(self, rows: FeatureStore, pictures: PictureFiles) -> None:
        self._rows, self._pictures = rows, pictures

    def append(self, task: Task, tables: Iterable[Table]) -> Appended:
        if not _picture_columns(task):
            return self._rows.append(task, tables)
        return self._rows.append(task, (self._in_digests(task, table, self._pictures.put) for table in tables))

    def digest(self, task: Task, tables: Iterable[Table]) -> str:
        return self._rows.digest(task, (self._in_digests(task, table, digest_of) for table in tables))

    def read(self, task: Task, version: int, chunk_rows: int = 65_536,
             columns: Sequence[str] | None = None, after: int = 0) -> Iterator[Table]:
        pictures = [column for column in _picture_columns(task) if columns is None or column.name in columns]
        if not pictures:
            return while_wanted(self._rows.read(task, version, chunk_rows, columns, after))
        chunks = self._rows.read(task, version, min(chunk_rows, CHUNK_PICTURES), columns, after)
        return (self._loaded(pictures, table) for table in while_wanted(chunks))

    def versions(self, task_name: str) -> Sequence[DatasetVersion]:
        return self._rows.versions(task_name)

    def sweep(self) -> int:
        return self._rows.sweep()

    @staticmethod
    def _in_digests(task: Task, table: Table, digest: Callable[[Array], str]) -> Table:
        digests = {column.name: np.array([digest(pixels) for pixels in table[column.name]], dtype=object)
                   for column in _picture_columns(task)}
        return Table(dict(table.columns) | digests)

    def _loaded(self, pictures: Sequence[Column], table: Table) -> Table:
        loaded = {column.name: cells([self._pictures.pixels(column, digest) for digest in table[column.name]])
                  for column in pictures}
        return Table(dict(table.columns) | loaded)


def _picture_columns(task: Task) -> list[Column]:
    return [column for column in task.schema.stored if column.rules.from_files]
