"""A person who has signed in elsewhere, and what they may here for a while."""
from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.api_key import Right


@dataclass(frozen=True, slots=True)
class Session:
    """name: as the history tells it."""

    name: str
    rights: frozenset[Right]
    until: datetime

    def has_expired(self, now: datetime) -> bool:
        return self.until <= now


def rights_of(groups: Collection[str], by_group: Mapping[str, frozenset[Right]]) -> frozenset[Right]:
    """What the groups of a person allow together; nothing if none of them is known."""
    return frozenset().union(*(by_group.get(group, frozenset()) for group in groups))
