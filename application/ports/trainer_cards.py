"""What the trainers of all machines said of themselves, for those that cannot ask them."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.trainer_card import TrainerCard


class TrainerCards(Protocol):
    """Thread-safe: yes; processes and machines share one."""

    @abstractmethod
    def publish(self, machine: str, cards: Sequence[TrainerCard], at: datetime) -> None:
        """All that a machine has, in the place of what it had."""

    @abstractmethod
    def all(self, since: datetime) -> Sequence[TrainerCard]:
        """What was published since then, by name; of one name what was published last."""
