"""Kept answers in memory."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from application.ports.kept_answers import KEPT_FOR, LOST_AFTER, Claim, KeptAnswer, KeptAnswers


@dataclass
class _Held:
    claim: Claim
    since: datetime
    held_at: datetime

    def is_over(self, now: datetime) -> bool:
        return now - self.since >= KEPT_FOR or self.claim.answer is None and now - self.held_at >= LOST_AFTER


class InMemoryKeptAnswers(KeptAnswers):
    def __init__(self) -> None:
        self._lock = Lock()
        self._held: dict[tuple[str, str], _Held] = {}

    def claim(self, who: str, key: str, asked: str, now: datetime) -> Claim | None:
        with self._lock:
            self._held = {place: held for place, held in self._held.items() if not held.is_over(now)}
            if (who, key) in self._held:
                return self._held[who, key].claim
            self._held[who, key] = _Held(Claim(asked), now, now)
            return None

    def hold(self, who: str, key: str, now: datetime) -> None:
        with self._lock:
            if (who, key) in self._held:
                self._held[who, key].held_at = now

    def keep(self, who: str, key: str, answer: KeptAnswer) -> None:
        with self._lock:
            if (who, key) in self._held:
                held = self._held[who, key]
                held.claim = replace(held.claim, answer=answer)

    def give_back(self, who: str, key: str) -> None:
        with self._lock:
            if (who, key) in self._held and self._held[who, key].claim.answer is None:
                del self._held[who, key]
