"""Is a file fit to be answered, evaluated or added, before anything is done with it?"""
from __future__ import annotations

from collections.abc import Iterable

from application.ports.task_catalog import TaskCatalog
from domain.coercion import Rows, coerce_all


class CheckRows:
    """Looks through every row of a file as if it were to be answered (or, labelled, to be evaluated or added)."""

    def __init__(self, tasks: TaskCatalog) -> None:
        self._tasks = tasks

    def execute(self, task_name: str, chunks: Iterable[Rows], labelled: bool) -> int:
        """Returns: the number of rows. Raises: UnknownTask, InvalidInput naming faulty rows and columns."""
        task = self._tasks.get(task_name)
        schema, rows = task.schema, 0
        columns = schema.stored if labelled else schema.features
        for _, table in coerce_all(chunks, columns, optional=schema.spare_names):
            if labelled:
                task.targets(table[schema.target.name], rows + 1)
            rows += table.n_rows
        return rows
