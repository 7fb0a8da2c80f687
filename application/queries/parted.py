"""The rows of a dataset version with the part that each one belongs to."""
from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from application.ports.feature_store import FeatureStore
from domain.arrays import Array
from domain.splitting import parting
from domain.table import Table
from domain.task import Task


def parted(store: FeatureStore, task: Task, version: int) -> Iterator[tuple[Table, np.ndarray]]:
    """Chunks of rows, and uint8[n_rows] of `parting` for each: of a version the same for ever, whoever asks.

    Raises: UnknownDatasetVersion.
    """
    return _parted(store, task, version, lambda: store.read(task, version))


def rows_by_part(store: FeatureStore, task: Task, version: int) -> Array:
    """int64[3]: how many rows train, stop and judge; of the columns one alone is read. Raises: UnknownDatasetVersion.
    """
    columns, counts = [task.split.column or task.schema.target.name], np.zeros(3, np.int64)
    for _, parts in _parted(store, task, version, lambda: store.read(task, version, columns=columns)):
        counts += np.bincount(parts, minlength=3)
    return counts


def _parted(store: FeatureStore, task: Task, version: int, read: Callable[[], Iterator[Table]]
            ) -> Iterator[tuple[Table, np.ndarray]]:
    rows = [entry.rows for entry in store.versions(task.name) if entry.version <= version]
    decided_by = store.read(task, version, columns=[task.split.column]) if task.split.column else ()
    part = parting(task.split, decided_by, rows)
    first_row = 0
    for table in read():
        yield table, part(table, first_row)
        first_row += table.n_rows
