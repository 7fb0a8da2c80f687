"""The labels of rows, as a model is judged by them."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from domain.arrays import Array
from domain.errors import Fault, InvalidInput
from domain.rows import Rows
from domain.table import Table
from domain.task import Task


class LabelReader:
    """Finds a fault for each label that the task does not have, also in rows with other faults. Whether a row may lack
    its label is the coercion's matter."""

    def __init__(self, task: Task) -> None:
        self._task, self._target = task, replace(task.schema.target, nullable=True)

    def read(self, rows: Rows, table: Table | None, first_row: int) -> tuple[Array | None, Sequence[Fault]]:
        """table: of these rows, None if they are not fit for one; first_row: the number of the first.

        Returns: targets as `Task.targets` gives them, None if they cannot be had, and what is wrong with them.
        """
        try:
            labels = self._alone(rows) if table is None else table[self._target.name]
            return self._task.targets(self._any_for_none(labels), first_row), ()
        except InvalidInput as failure:
            return None, failure.faults

    def _alone(self, rows: Rows) -> Array:
        """None at all where the task has no labels to know, or where some cannot be read, which has been told."""
        none = np.empty(0, dtype=object)
        if not self._task.rules.labels_are_texts:
            return none
        try:
            return rows.coerce([self._target], optional=rows.names)[self._target.name]
        except InvalidInput:
            return none

    def _any_for_none(self, labels: Array) -> Array:
        if not self._task.rules.labels_are_texts:
            return labels
        return np.where(labels == "", str(self._task.labels[0]), labels)
