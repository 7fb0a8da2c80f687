"""What was seen last of each model that serves."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.observation import ObservedModel


class ObservationStore(Protocol):
    """One observation a task. Thread-safe: yes; processes may share one store."""

    @abstractmethod
    def put(self, observed: ObservedModel) -> None:
        """In the place of the one before, unless that is newer, as `domain.observation.replaces` says."""

    @abstractmethod
    def all(self) -> Sequence[ObservedModel]:
        """By task name."""
