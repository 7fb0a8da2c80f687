"""What the data of a task look like, column by column."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.feature_store import FeatureStore, UnknownDatasetVersion
from application.ports.task_catalog import TaskCatalog
from domain.column_summary import ColumnSummary, summarize
from domain.schema import Column
from domain.table import concat

# Enough for a picture; more rows would make it no different and cost memory.
MAX_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class ColumnSummaries:
    """rows: of the dataset version; `looked_at` of them, evenly spread, were read for the summaries."""

    version: int
    rows: int
    looked_at: int
    columns: Mapping[Column, ColumnSummary]


class SummarizeColumns:
    """The stored columns of a dataset version, the newest if none is named: a histogram or the most frequent values of
    each, and how often a value is missing. Of many rows an even part is looked at. Of a private column only the missing
    ones are counted."""

    def __init__(self, tasks: TaskCatalog, store: FeatureStore) -> None:
        self._tasks, self._store = tasks, store

    def execute(self, task_name: str, version: int | None = None) -> ColumnSummaries:
        """Raises: UnknownTask, UnknownDatasetVersion."""
        task = self._tasks.get(task_name)
        known = {entry.version: entry for entry in self._store.versions(task.name)}
        chosen = known.get(max(known, default=0) if version is None else version)
        if chosen is None:
            raise UnknownDatasetVersion(f"task {task.name} has no dataset version {version}" if version is not None
                                        else f"task {task.name} has no data yet")
        step = -(-chosen.rows // MAX_ROWS)
        table = concat([chunk.take(slice(None, None, step)) for chunk in self._store.read(task, chosen.version)])
        return ColumnSummaries(chosen.version, chosen.rows, table.n_rows, {
            column: summarize(column, table[column.name]) for column in task.schema.stored})
