"""The first data of a demo task."""
from __future__ import annotations

from application.ports.demo_data import DemoData
from application.ports.feature_store import FeatureStore
from application.ports.task_catalog import TaskCatalog
from domain.task import Task


class AddDemoData:
    """Gives a demo task its first batch alone, if it has none yet: what comes after it in time is for the user to
    add."""

    def __init__(self, tasks: TaskCatalog, store: FeatureStore, demo: DemoData) -> None:
        self._tasks, self._store, self._demo = tasks, store, demo

    def execute(self, task: Task) -> None:
        """Raises: DemoUnavailable, TaskExists."""
        task = self._tasks.add(task)
        if not self._store.versions(task.name):
            _, first = next(self._demo.batches(task))
            self._store.append(task, [first])
