"""The models that answer now."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from application.ports.model_runner import ModelRunner
from application.ports.serving_fleet import TakeoverFailure
from domain.errors import NotFound
from domain.rollout import Rollout
from domain.task import Task


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A task, the experiment that serves it and its loaded model; a request keeps the one it began with. candidate: of
    the rollout that goes on beside it."""

    task: Task
    experiment_id: int
    generation: int
    runner: ModelRunner
    candidate: Candidate | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A loaded model that a rollout tries."""

    rollout: Rollout
    model: ServedModel


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What serves now, and by task why a newer deployment could not be taken over."""

    served: Mapping[str, ServedModel]
    failures: Mapping[str, TakeoverFailure]


class UnknownVersion(NotFound):
    """A model that was named is not one of the task, or not one that serves."""

    code = "unknown_version"


class ServingModels(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def current(self, task_name: str) -> ServedModel:
        """Raises: UnknownTask, NothingDeployed; for a process that is made to serve one task, no other is deployed."""

    @abstractmethod
    def all_served(self) -> Sequence[ServedModel]:
        """The current model of each task that has one, by the task's name."""

    @abstractmethod
    def failures(self) -> Mapping[str, TakeoverFailure]:
        """Those that the last refresh named."""

    @abstractmethod
    def refresh(self) -> Refreshed:
        """Takes over what was deployed since the last call; where that fails the old model goes on serving, and what
        failed is named at each call until it can be taken over, though not tried at each.

        Raises: StorageUnavailable, and all goes on as before.
        """
