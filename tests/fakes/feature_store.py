"""Dataset versions in memory."""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import RLock

import numpy as np

from application.ports.clock import Clock
from application.ports.feature_store import FeatureStore, UnknownDatasetVersion
from domain.arrays import Array
from domain.columns.rules import Form
from domain.dataset import Appended, DatasetVersion
from domain.errors import Conflict, InvalidInput
from domain.picture import cells
from domain.table import Table, TableDigest, concat, digest_of
from domain.task import Task


class InMemoryFeatureStore(FeatureStore):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = RLock()
        # Of an undone one the number alone is left.
        self._batches: dict[str, list[tuple[DatasetVersion, Table]]] = {}
        self._undone: dict[str, set[int]] = {}
        self._dropped: dict[str, int] = {}

    def append(self, task: Task, tables: Iterable[Table]) -> Appended:
        names = [column.name for column in task.schema.stored]
        chunks, digest = [], TableDigest()
        for table in tables:
            chunks.append(table.select(names))
            digest.update(table)
        if not sum(chunk.n_rows for chunk in chunks):
            raise InvalidInput("there are no rows")
        # What the caller does to its arrays later changes nothing here.
        return self._accept(task, _copied(concat(chunks)), digest.hexdigest(), digest.other_names(names))

    def digest(self, task: Task, tables: Iterable[Table]) -> str:
        return digest_of(tables)

    def read(self, task: Task, version: int, chunk_rows: int = 65_536,
             columns: Sequence[str] | None = None, after: int = 0) -> Iterator[Table]:
        found = [(known.version, table) for known, table in self._there(task.name)]
        if version not in dict(found):
            raise UnknownDatasetVersion(f"task {task.name} has no dataset version {version}")
        rows = concat([_with_room(task, table) for number, table in found if after < number <= version])
        if columns is not None:
            rows = rows.select([name for name in rows.columns if name in columns])
        return (_copied(chunk) for chunk in rows.chunks(chunk_rows))

    def versions(self, task_name: str) -> Sequence[DatasetVersion]:
        return [version for version, _ in self._there(task_name)]

    def sweep(self) -> int:
        """An append is one step, and no writer dies here."""
        return 0

    def undo(self, task_name: str, decide: Callable[[DatasetVersion], None]) -> DatasetVersion:
        """For the port DataKeeper."""
        with self._lock:
            if not self.versions(task_name):
                raise UnknownDatasetVersion(f"the task {task_name} has no data")
            undone = self.versions(task_name)[-1]
            decide(undone)
            self._undone.setdefault(task_name, set()).add(undone.version)
            return undone

    def drop(self, task_name: str, schema_version: int) -> None:
        """For the port DataKeeper."""
        with self._lock:
            self._dropped[task_name] = schema_version
            self._batches.pop(task_name, None)
            self._undone.pop(task_name, None)

    def _there(self, task_name: str) -> list[tuple[DatasetVersion, Table]]:
        undone = self._undone.get(task_name, set())
        return [entry for entry in self._batches.get(task_name, []) if entry[0].version not in undone]

    def _accept(self, of: Task, rows: Table, digest: str, other_names: Sequence[str]) -> Appended:
        task = of.name
        with self._lock:
            if of.schema_version <= self._dropped.get(task, 0):
                raise Conflict(f"the task {task} was deleted meanwhile")
            batches = self._batches.setdefault(task, [])
            for known, _ in self._there(task):
                if known.digest in (digest, *other_names):
                    return Appended(known, duplicate=True)
            before = next((known for known, _ in reversed(self._there(task))), None)
            fingerprint = hashlib.sha256(f"{before.fingerprint if before else ''}{digest}".encode()).hexdigest()
            version = DatasetVersion(
                task=task, version=len(batches) + 1, batch_id=self._clock.new_id(), digest=digest,
                fingerprint=fingerprint, rows_added=rows.n_rows, rows=rows.n_rows + (before.rows if before else 0),
                created_at=self._clock.now())
            batches.append((version, rows))
            return Appended(version, duplicate=False)


def _with_room(task: Task, table: Table) -> Table:
    """Rows from before a column was taken in have no value there."""
    empty = {Form.NUMBERS: np.full(table.n_rows, np.nan), Form.TEXTS: np.full(table.n_rows, "", dtype=object)}
    return Table({column.name: table[column.name] if column.name in table.columns else empty[column.rules.form]
                  for column in task.schema.stored})


def _copied(table: Table) -> Table:
    return Table({name: cells([pixels.copy() for pixels in values]) if _are_pictures(values) else values.copy()
                  for name, values in table.columns.items()})


def _are_pictures(values: Array) -> bool:
    return len(values) > 0 and isinstance(values[0], np.ndarray)
