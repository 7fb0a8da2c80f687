"""Undone and dropped data in memory."""
from __future__ import annotations

from collections.abc import Callable

from application.ports.data_keeper import DataKeeper
from domain.dataset import DatasetVersion
from domain.task import Task
from tests.fakes.feature_store import InMemoryFeatureStore


class InMemoryDataKeeper(DataKeeper):
    def __init__(self, store: InMemoryFeatureStore) -> None:
        self._store = store

    def make_room(self, task: Task) -> None:
        """The store in memory makes it when it reads."""

    def undo(self, task_name: str, decide: Callable[[DatasetVersion], None]) -> DatasetVersion:
        return self._store.undo(task_name, decide)

    def drop(self, task_name: str, schema_version: int) -> None:
        self._store.drop(task_name, schema_version)
