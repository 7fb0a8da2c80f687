"""The rows of a dataset version with the part that each one belongs to."""
from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from application.ports.feature_store import FeatureStore
from domain.splitting import moves, split
from domain.table import Table
from domain.task import Task


def parted(store: FeatureStore, task: Task, version: int) -> Iterator[tuple[Table, np.ndarray]]:
    """Chunks of rows, and uint8[n_rows] of `split` for each: the same for ever, whoever asks for whichever version.

    Raises: UnknownDatasetVersion.
    """
    rows = [entry.rows for entry in store.versions(task.name) if entry.version <= version]
    moved = moves(task.split, store.read(task, version), rows)
    first_row = 0
    for table in store.read(task, version):
        yield table, split(table, task.split, first_row, moved)
        first_row += table.n_rows
