"""Trainers by name, in memory."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from application.ports.trainer import Trainer
from application.ports.trainer_registry import TrainerRegistry, TrainerUnusable, UnknownTrainer


class InMemoryTrainerRegistry(TrainerRegistry):
    """unusable: name -> why."""

    def __init__(self, trainers: Mapping[str, Trainer], unusable: Mapping[str, str] | None = None) -> None:
        self._trainers, self._unusable = trainers, unusable or {}

    def names(self) -> Sequence[str]:
        return sorted({*self._trainers, *self._unusable})

    def get(self, name: str) -> Trainer:
        self.identify(name)
        if name in self._unusable:
            raise TrainerUnusable(f"the trainer {name} cannot be loaded: {self._unusable[name]}")
        return self._trainers[name]

    def identify(self, name: str) -> Mapping[str, str]:
        if name not in self.names():
            raise UnknownTrainer(f"there is no trainer {name} here")
        return {"source": "memory", "class": type(self._trainers.get(name)).__name__}
