"""The models that answer now."""
from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from application.ports.model_runner import ModelRunner
from domain.task import Task


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A task, the experiment that serves it and its loaded model; a request keeps the one it began with."""

    task: Task
    experiment_id: int
    generation: int
    runner: ModelRunner


class ServingModels(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def current(self, task_name: str) -> ServedModel:
        """Raises: UnknownTask, NothingDeployed."""
