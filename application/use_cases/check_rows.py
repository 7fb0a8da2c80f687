"""Is a file fit to be answered, evaluated or added, before anything is done with it?"""
from __future__ import annotations

from collections.abc import Callable, Iterable

from application.ports.task_catalog import TaskCatalog
from domain.label_check import LabelCheck
from domain.rows import Rows, coerce_all
from domain.table import Table

Show = Callable[[Rows, Table], None]


class CheckRows:
    """Looks through every row of a file as if it were to be answered (or, labelled, to be evaluated or added)."""

    def __init__(self, tasks: TaskCatalog) -> None:
        self._tasks = tasks

    def execute(self, task_name: str, chunks: Iterable[Rows], labelled: bool, show: Show = lambda *_: None) -> int:
        """show: is given each chunk that is fit, as it came and as a table, until one is not.

        Returns: the number of rows. Raises: UnknownTask, InvalidInput naming faulty rows and columns."""
        task = self._tasks.get(task_name)
        schema, rows = task.schema, 0
        columns = schema.stored if labelled else schema.features
        check = LabelCheck(task) if labelled else lambda *_: ()
        for chunk, table in coerce_all(chunks, columns, schema.spare_names, check):
            show(chunk, table)
            rows += table.n_rows
        return rows
