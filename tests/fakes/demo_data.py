"""Demo data made by a seed, for every task that says it has some."""
from __future__ import annotations

from collections.abc import Iterator

from application.ports.demo_data import DemoData, DemoUnavailable
from domain.table import Table
from domain.task import Task
from tests.builders import make_table


class InMemoryDemoData(DemoData):
    def __init__(self, rows: int = 120) -> None:
        self._rows = rows

    def batches(self, task: Task) -> Iterator[tuple[str, Table]]:
        if task.demo is None:
            raise DemoUnavailable(f"the task {task.name} has no demo data")
        return ((name, make_table(task, self._rows, seed)) for seed, name in enumerate(("first", "second")))
