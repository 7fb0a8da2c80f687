"""The requests of the last days, counted by minute."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.traffic import TrafficCount, TrafficMinute


class TrafficLog(Protocol):
    """Thread-safe: yes; processes may share one log."""

    @abstractmethod
    def add(self, minutes: Sequence[TrafficMinute]) -> None:
        """Each is added to what is known of its minute and task. All or nothing."""

    @abstractmethod
    def since(self, moment: datetime, task: str | None = None) -> Sequence[TrafficMinute]:
        """The minutes that began at or after `moment` and had requests, oldest first, then by task."""

    @abstractmethod
    def counts(self, task: str, edges: Sequence[datetime]) -> Sequence[TrafficCount]:
        """Of the minutes that began from each edge, itself included, to the next: one less than there are edges.
        edges: ascending, at least two."""

    @abstractmethod
    def forget(self, before: datetime) -> int:
        """Deletes what is older. Returns: the number of entries."""
