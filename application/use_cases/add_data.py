"""Labelled rows become the next dataset version."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from application.ports.feature_store import FeatureStore
from application.ports.late_labels import LateLabels
from application.ports.task_catalog import TaskCatalog
from domain.dataset import Appended
from domain.exchange import Unlabelled, marked, read_parts, with_lenient_target
from domain.label_reader import LabelReader
from domain.late_labels import MAX_LATE_LABELS, LateRows
from domain.rows import Rows
from domain.task import Task


@dataclass(frozen=True, slots=True)
class DataAdded:
    """late_labels: how many rows named the earlier answer that they are the label of. rows_without_target: were left
    out."""

    appended: Appended
    late_labels: int
    rows_without_target: int = 0


class AddData:
    """Adds labelled rows to a task: all of them as one new dataset version, or none of them.

    Rows without a value in the target teach nothing and are left out; how many is told.
    The same content again, whatever its separators or the order of its columns, adds nothing and is called a duplicate;
    rows that differ in an ignored column alone, an id or a moment, are other rows.
    A row that carries the `request_id` of an earlier answer is also kept as the late label of that answer;
    `row_no` says of which row of it, counted from 1, which it is without it. Where the task has a column `request_id`
    of its own, only rows of which such an answer is known are late labels.
    """

    def __init__(self, tasks: TaskCatalog, store: FeatureStore, labels: LateLabels,
                 max_late_labels: int = MAX_LATE_LABELS) -> None:
        self._tasks, self._store, self._labels = tasks, store, labels
        self._max_late_labels = max_late_labels

    def execute(self, task_name: str, rows: Iterable[Rows]) -> DataAdded:
        """Raises: UnknownTask, InvalidInput naming faulty rows and columns, TooLarge for too many late labels; and then
        nothing was added."""
        task = self._tasks.get(task_name)
        late, unlabelled = self._late(task), Unlabelled(task)
        columns = with_lenient_target(task.schema.stored)
        parts = read_parts(rows, columns, task.schema.spare_names, LabelReader(task), late)
        appended = self._store.append(task, unlabelled.without(marked(parts, task)))
        self._labels.add(task.name, late.found)
        return DataAdded(appended, len(late.found), unlabelled.rows)

    def _late(self, task: Task) -> LateRows:
        return LateRows.among_data(task, self._max_late_labels, lambda ids: self._labels.answered(task.name, ids))
