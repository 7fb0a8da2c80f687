"""One model that serves its task, and no other: how the pipeline runs the use cases of the service."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from application.ports.serving_fleet import TakeoverFailure
from application.ports.serving_models import Refreshed, ServedModel, ServingModels
from domain.errors import NothingDeployed


class SingleModel(ServingModels):
    def __init__(self, served: ServedModel) -> None:
        self._served = served

    def current(self, task_name: str) -> ServedModel:
        if task_name != self._served.task.name:
            raise NothingDeployed(f"this process serves the task {self._served.task.name} alone")
        return self._served

    def all_served(self) -> Sequence[ServedModel]:
        return [self._served]

    def failures(self) -> Mapping[str, TakeoverFailure]:
        return {}

    def refresh(self) -> Refreshed:
        return Refreshed({self._served.task.name: self._served}, {})
