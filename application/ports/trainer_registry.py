"""The trainers of this machine: built in, registered by distributions, and files in a folder."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol

from application.ports.trainer import Trainer
from domain.errors import InvalidInput, ModelFailure


class UnknownTrainer(InvalidInput):
    code = "unknown_trainer"


class TrainerUnusable(ModelFailure):
    """It is registered, but cannot be loaded or does not describe itself; says why."""

    code = "trainer_unusable"


class TrainerRegistry(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def names(self) -> Sequence[str]:
        """Of all that are registered, whether they can be used or not. Loads none of them."""

    @abstractmethod
    def get(self, name: str) -> Trainer:
        """Its code is loaded; who serves does not ask for it. Raises: UnknownTrainer, TrainerUnusable."""

    @abstractmethod
    def identify(self, name: str) -> Mapping[str, str]:
        """Everything by which one code of a trainer differs from another, in plain texts: where it comes from, its
        version or the digest of its file, the versions of the libraries that it names. Loads nothing.
        Raises: UnknownTrainer."""
