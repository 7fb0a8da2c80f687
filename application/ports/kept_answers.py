"""Answers that are kept for whoever asks for the same thing once more."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import Conflict

KEPT_FOR = timedelta(hours=24)
# Whoever works on something says so more often.
LOST_AFTER = timedelta(seconds=60)


class KeyOfAnotherRequest(Conflict):
    """A key came before, with something else."""

    code = "key_of_another_request"


class StillWorkedOn(Conflict):
    """What came with this key before is not answered yet."""

    code = "still_worked_on"


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """digest: of the body that was asked with."""

    digest: str
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """asked: what for, in the words of whoever claimed. answer: None while it is worked on."""

    asked: str
    answer: KeptAnswer | None = None


class KeptAnswers(Protocol):
    """By whoever asks, which may be an empty text, and the key that he chose. Thread-safe: yes, and of several
    processes too. Raises: StorageUnavailable."""

    @abstractmethod
    def claim(self, who: str, key: str, asked: str, now: datetime) -> Claim | None:
        """Returns: the claim that is there, or None if it is the caller's from now on, who keeps an answer for it or
        gives it back. One that is KEPT_FOR old is there no more, nor one without an answer that nobody held for
        LOST_AFTER: its process died, and nobody knows how far it came."""

    @abstractmethod
    def hold(self, who: str, key: str, now: datetime) -> None:
        """It is still worked on."""

    @abstractmethod
    def keep(self, who: str, key: str, answer: KeptAnswer) -> None:
        """Nothing is kept for a claim that is there no more."""

    @abstractmethod
    def give_back(self, who: str, key: str) -> None:
        """Nothing was done: the key may be used anew. What has an answer stays."""
