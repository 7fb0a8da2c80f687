"""Labelled rows become the next dataset version."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from application.ports.feature_store import FeatureStore
from application.ports.late_labels import LateLabel, LateLabels
from application.ports.task_catalog import TaskCatalog
from domain.coercion import MAX_FAULTS, Rows, coerce_all
from domain.dataset import Appended
from domain.errors import Fault, InvalidInput
from domain.schema import MAX_REQUEST_ID_CHARS, REQUEST_ID, ROW_NO, Column, ColumnType
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
    A row that carries the `request_id` of an earlier answer is also kept as the late label of that answer;
    `row_no` says of which row of it, counted from 1, which it is without it.
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
        if REQUEST_ID in rows.names:
            late += _late_labels(task, rows, table[target], first_row)
        first_row += table.n_rows
        yield table


def _late_labels(task: Task, rows: Rows, labels: np.ndarray, first_row: int) -> Iterator[LateLabel]:
    ids = rows.coerce((_REQUEST_ID_COLUMN,), optional=rows.names)[REQUEST_ID]
    _refuse(REQUEST_ID, [len(request_id) > MAX_REQUEST_ID_CHARS for request_id in ids], first_row,
            f"is longer than {MAX_REQUEST_ID_CHARS} characters, as no id of an answer is")
    row_nos = np.ones(len(ids))
    if ROW_NO in rows.names and ROW_NO not in task.schema:
        row_nos = np.nan_to_num(rows.coerce((_ROW_NO_COLUMN,), optional=rows.names)[ROW_NO].astype(np.float64), nan=1.0)
    _refuse(ROW_NO, (row_nos < 1) | (row_nos % 1 != 0) | (row_nos > MAX_ROW_NO), first_row,
            "expected a whole number from 1")
    return (LateLabel(request_id, str(label), int(row_no))
            for request_id, label, row_no in zip(ids, labels, row_nos, strict=True) if request_id)


def _refuse(column: str, is_odd: np.ndarray | list[bool], first_row: int, problem: str) -> None:
    if faults := [Fault(f"row {first_row + row}, column {column}", problem)
                  for row in np.flatnonzero(is_odd)[:MAX_FAULTS]]:
        raise InvalidInput(f"{faults[0].where}: {problem}", faults)


# Up to here a 32-bit float holds every whole number.
MAX_ROW_NO = 2**24
_REQUEST_ID_COLUMN, _ROW_NO_COLUMN = Column(REQUEST_ID, ColumnType.CATEGORY), Column(ROW_NO, ColumnType.NUMBER)
