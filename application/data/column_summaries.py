"""What the columns of a dataset version are like."""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from application.data.versions import find_version
from application.ports.feature_store import FeatureStore
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
        self._known: OrderedDict[tuple[str, str], VersionSummary] = OrderedDict()
        self._reading: dict[tuple[str, str], Lock] = {}
        self._lock = Lock()

    def of(self, task: Task, version: int | None = None) -> VersionSummary:
        """The newest version if none is named. Raises: UnknownDatasetVersion."""
        chosen = find_version(self._store, task.name, version)
        key = (task.name, chosen.fingerprint)
        with self._lock:
            reading = self._reading.setdefault(key, Lock())
        with reading:
            try:
                return self._known.get(key) or self._remember(key, self._read(task, chosen))
            finally:
                self._reading.pop(key, None)

    def _remember(self, key: tuple[str, str], found: VersionSummary) -> VersionSummary:
        with self._lock:
            self._known[key] = found
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found

    def _read(self, task: Task, chosen: DatasetVersion) -> VersionSummary:
        if all(column.rules.from_files for column in task.schema.stored):
            return VersionSummary(chosen.version, chosen.rows, 0, {
                column: ColumnSummary(chosen.rows, 0) for column in task.schema.stored})
        step = -(-chosen.rows // MAX_ROWS)
        table = concat([chunk.take(slice(None, None, step)) for chunk in self._store.read(task, chosen.version)])
        return VersionSummary(chosen.version, chosen.rows, table.n_rows, {
            column: summarize(column, table[column.name]) for column in task.schema.stored})
