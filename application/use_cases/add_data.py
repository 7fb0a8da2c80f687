"""Labelled rows become the next dataset version."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from application.ports.feature_store import FeatureStore
from application.ports.late_labels import LateLabel, LateLabels
from application.ports.task_catalog import TaskCatalog
from domain.coercion import Rows, coerce_all
from domain.dataset import Appended
from domain.schema import REQUEST_ID, Column, ColumnType
from domain.table import Table
from domain.task import Task


@dataclass(frozen=True, slots=True)
class DataAdded:
    """late_labels: how many rows named the earlier answer that they are the label of."""

    appended: Appended
    late_labels: int


class AddData:
    """Adds labelled rows to a task: all of them as one new dataset version, or none of them.

    The same content again, whatever its separators or the order of its columns, adds nothing and is called a duplicate.
    A row that carries the `request_id` of an earlier answer is also kept as the late label of that answer.
    """

    def __init__(self, tasks: TaskCatalog, store: FeatureStore, labels: LateLabels) -> None:
        self._tasks, self._store, self._labels = tasks, store, labels

    def execute(self, task_name: str, chunks: Iterable[Rows]) -> DataAdded:
        """Raises: UnknownTask, InvalidInput naming faulty rows and columns, and then nothing was added."""
        task, late = self._tasks.get(task_name), []
        appended = self._store.append(task, _tables(task, chunks, late))
        self._labels.add(task.name, late)
        return DataAdded(appended, len(late))


def _tables(task: Task, chunks: Iterable[Rows], late: list[LateLabel]) -> Iterator[Table]:
    """The tables to store; the late labels among their rows are put into `late` as they come by."""
    target, first_row = task.schema.target.name, 1
    for rows, table in coerce_all(chunks, task.schema.stored, optional=task.schema.spare_names):
        task.targets(table[target], first_row)
        first_row += table.n_rows
        if REQUEST_ID in rows.names:
            ids = rows.coerce((_REQUEST_ID_COLUMN,), optional=rows.names)[REQUEST_ID]
            late += [LateLabel(request_id, str(label))
                     for request_id, label in zip(ids, table[target].tolist(), strict=True) if request_id]
        yield table


_REQUEST_ID_COLUMN = Column(REQUEST_ID, ColumnType.CATEGORY)
