"""Are the labels of some rows known to their task?"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from domain.errors import Fault, InvalidInput
from domain.rows import Rows
from domain.table import Table
from domain.task import Problem, Task


class LabelCheck:
    """For `coerce_all`: a fault for each label that the task does not have, also in rows with other faults. Whether a
    row may lack its label is the coercion's matter."""

    def __init__(self, task: Task) -> None:
        self._task, self._target = task, replace(task.schema.target, nullable=True)
        # As `Task.targets` gives them, of the rows looked at last, if they were fit.
        self.targets = np.empty(0)

    def __call__(self, rows: Rows, table: Table | None, first_row: int) -> Sequence[Fault]:
        try:
            labels = self._labels_alone(rows) if table is None else table[self._target.name]
            self.targets = self._task.targets(self._any_for_none(labels), first_row)
        except InvalidInput as failure:
            return failure.faults
        return ()

    def _labels_alone(self, rows: Rows) -> np.ndarray:
        """None at all where the task has no labels to know, or where some cannot be read, which has been told."""
        none = np.empty(0, dtype=object)
        if not _has_texts_for_labels(self._task):
            return none
        try:
            return rows.coerce([self._target], optional=rows.names)[self._target.name]
        except InvalidInput:
            return none

    def _any_for_none(self, labels: np.ndarray) -> np.ndarray:
        if not _has_texts_for_labels(self._task):
            return labels
        return np.where(labels == "", str(self._task.labels[0]), labels)


def _has_texts_for_labels(task: Task) -> bool:
    return task.problem in (Problem.BINARY, Problem.MULTICLASS)
