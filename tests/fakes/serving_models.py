"""Models that answer, put there by hand."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from application.ports.serving_fleet import TakeoverFailure
from application.ports.serving_models import Refreshed, ServedModel, ServingModels
from application.ports.task_catalog import TaskCatalog
from domain.errors import NothingDeployed


class InMemoryServingModels(ServingModels):
    def __init__(self, tasks: TaskCatalog, *served: ServedModel) -> None:
        self._tasks = tasks
        self._served = {model.task.name: model for model in served}
        self._failures: dict[str, TakeoverFailure] = {}

    def current(self, task_name: str) -> ServedModel:
        if task_name not in self._served:
            raise NothingDeployed(f"nothing serves the task {self._tasks.get(task_name).name}")
        return self._served[task_name]

    def all_served(self) -> Sequence[ServedModel]:
        return [self._served[name] for name in sorted(self._served)]

    def failures(self) -> Mapping[str, TakeoverFailure]:
        return self._failures

    def refresh(self) -> Refreshed:
        return Refreshed(self._served, self._failures)

    def fail(self, task: str, failure: TakeoverFailure) -> None:
        self._failures[task] = failure

    def put(self, served: ServedModel) -> None:
        self._served = self._served | {served.task.name: served}
