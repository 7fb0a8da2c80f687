"""Is a file fit to be answered, evaluated or added, before anything is done with it?"""
from __future__ import annotations

from collections.abc import Iterable, Iterator

from application.ports.task_catalog import TaskCatalog
from application.serving.wanted import while_wanted
from domain.exchange import Part, read_parts, with_lenient_target
from domain.label_reader import LabelReader
from domain.rows import Rows


class CheckRows:
    """Looks through every row of a file as if it were to be answered (or, labelled, to be evaluated or added)."""

    def __init__(self, tasks: TaskCatalog) -> None:
        self._tasks = tasks

    def execute(self, task_name: str, rows: Iterable[Rows], labelled: bool) -> Iterator[Part]:
        """Parts without answers, until one is not fit. Raises: UnknownTask; while they are taken, InvalidInput naming
        faulty rows and columns."""
        task = self._tasks.get(task_name)
        schema = task.schema
        columns = with_lenient_target(schema.stored) if labelled else schema.features
        return while_wanted(
            read_parts(rows, columns, schema.spare_names, LabelReader(task) if labelled else None))
