"""Cards in memory."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from threading import Lock

from application.ports.trainer_cards import TrainerCards
from domain.trainer_card import TrainerCard


class InMemoryTrainerCards(TrainerCards):
    def __init__(self) -> None:
        self._lock = Lock()
        self._published: dict[str, tuple[datetime, list[TrainerCard]]] = {}

    def publish(self, machine: str, cards: Sequence[TrainerCard], at: datetime) -> None:
        with self._lock:
            self._published[machine] = (at, list(cards))

    def all(self, since: datetime) -> Sequence[TrainerCard]:
        with self._lock:
            published = sorted((at, machine) for machine, (at, _) in self._published.items() if at >= since)
            by_name = {card.name: card for _, machine in published for card in self._published[machine][1]}
        return [by_name[name] for name in sorted(by_name)]
