"""What the columns of a dataset version are like."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.feature_store import FeatureStore
from application.queries.remembered import Remembered
from application.queries.versions import find_version
from domain.column_summary import ColumnSummary, summarize
from domain.dataset import DatasetVersion
from domain.schema import Column
from domain.table import concat
from domain.task import Task

# Enough for a picture; more rows would make it no different and cost memory.
MAX_ROWS = 100_000
REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class VersionSummary:
    """rows: of the dataset version; `looked_at` of them, evenly spread, were read for the summaries."""

    version: int
    rows: int
    looked_at: int
    columns: Mapping[Column, ColumnSummary]


class ColumnSummaries:
    """A version never changes, so its rows are read once; the last few answers are kept. Those who ask for the same
    while it is read wait for it."""

    def __init__(self, store: FeatureStore) -> None:
        self._store = store
        self._known: Remembered[tuple[str, int, str], VersionSummary] = Remembered(REMEMBERED)

    def of(self, task: Task, version: int | None = None) -> VersionSummary:
        """The newest version if none is named. Raises: UnknownDatasetVersion."""
        chosen = find_version(self._store, task.name, version)
        return self._known.of((task.name, task.schema_version, chosen.fingerprint), lambda: self._read(task, chosen))

    def _read(self, task: Task, chosen: DatasetVersion) -> VersionSummary:
        if all(column.rules.from_files for column in task.schema.stored):
            return VersionSummary(chosen.version, chosen.rows, 0, {
                column: ColumnSummary(chosen.rows, 0) for column in task.schema.stored})
        step = -(-chosen.rows // MAX_ROWS)
        table = concat([chunk.take(slice(None, None, step)) for chunk in self._store.read(task, chosen.version)])
        return VersionSummary(chosen.version, chosen.rows, table.n_rows, {
            column: summarize(column, table[column.name]) for column in task.schema.stored})
