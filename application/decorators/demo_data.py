"""Another source of demo data for each demo task."""
from __future__ import annotations

from collections.abc import Iterator, Mapping

from application.ports.demo_data import DemoData, DemoUnavailable
from domain.table import Table
from domain.task import Task


class DemoDataByName(DemoData):
    """demos: by the name that a task says under `demo`."""

    def __init__(self, demos: Mapping[str, DemoData]) -> None:
        self._demos = demos

    def batches(self, task: Task) -> Iterator[tuple[str, Table]]:
        if task.demo is None or task.demo not in self._demos:
            raise DemoUnavailable(f"the task {task.name} has no demo data")
        return self._demos[task.demo].batches(task)
