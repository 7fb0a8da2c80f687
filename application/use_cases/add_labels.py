"""True labels reach the answers that they judge."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from application.ports.late_labels import LateLabels
from application.ports.task_catalog import TaskCatalog
from domain.errors import Fault, InvalidInput
from domain.exchange import read_parts, with_lenient_target
from domain.label_reader import LabelReader
from domain.late_labels import LABEL, MAX_LATE_LABELS, LateLabel, LateRows
from domain.rows import ColumnRows
from domain.schema import REQUEST_ID, ROW_NO
from domain.task import Task


@dataclass(frozen=True, slots=True)
class LabelsAdded:
    """Rows with a label, each counted once. matched: met an answer. unknown: no answer of that request is known, yet;
    they are kept, and met by one that is still on its way into the log. already: were known with this very label."""

    matched: int
    unknown: int
    already: int


class AddLabels:
    """Keeps the true labels of answers that were given earlier, by their `request_id` and, of a row of a file, its
    `row_no`; the features are not asked for again. All of them, or none if a row is faulty.

    The label stands in the column `label`, or in one of the target's name; a row without one is passed over. A label
    that differs from what was known replaces it. Nothing becomes training data: labelled rows do, by `/add_data`.
    """

    def __init__(self, tasks: TaskCatalog, labels: LateLabels, max_late_labels: int = MAX_LATE_LABELS) -> None:
        self._tasks, self._labels, self._max_late_labels = tasks, labels, max_late_labels

    def execute(self, task_name: str, rows: Iterable[ColumnRows[Any]]) -> LabelsAdded:
        """rows: with the columns request_id, row_no if it is there, and the label.

        Raises: UnknownTask; InvalidInput naming faulty rows and columns, and for a task whose labels do not come late;
        TooLarge for too many labels.
        """
        task = self._tasks.get(task_name)
        if not task.rules.labels_come_late:
            raise InvalidInput(f"answers of the task {task.name} are not judged by late labels")
        late = LateRows(task.schema.target.name, self._max_late_labels)
        named = (_named(task, chunk) for chunk in rows)
        columns = with_lenient_target([task.schema.target])
        for _ in read_parts(named, columns, (REQUEST_ID, ROW_NO), LabelReader(task), late):
            pass
        return self._add(task, list({(label.request_id, label.row_no): label for label in late.found}.values()))

    def _add(self, task: Task, labels: list[LateLabel]) -> LabelsAdded:
        ids = list(dict.fromkeys(label.request_id for label in labels))
        known, answered = set(self._labels.get(task.name, ids)), set(self._labels.answered(task.name, ids))
        new = [label for label in labels if label not in known]
        self._labels.add(task.name, new)
        matched = sum(label.request_id in answered for label in new)
        return LabelsAdded(matched, len(new) - matched, len(labels) - len(new))


def _named(task: Task, rows: ColumnRows[Any]) -> ColumnRows[Any]:
    """With the target under its own name. Raises: InvalidInput."""
    if REQUEST_ID not in rows.names:
        raise InvalidInput(f"column {REQUEST_ID} is missing", [Fault(f"column {REQUEST_ID}", "is missing")])
    if LABEL not in rows.names or task.schema.target.name in rows.names:
        return rows
    return rows.renamed({LABEL: task.schema.target.name})
