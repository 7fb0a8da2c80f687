"""A clock that stands until it is told to move."""
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from application.ports.clock import Clock

START = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)


class FixedClock(Clock):
    """while_asleep: what others do while somebody sleeps by this clock, which takes no time else."""

    def __init__(self, now: datetime = START, while_asleep: Callable[[], object] = lambda: None) -> None:
        self._now, self.while_asleep = now, while_asleep
        self._ids = count()

    def now(self) -> datetime:
        return self._now

    def new_id(self) -> str:
        milliseconds = int(self._now.timestamp() * 1000)
        return str(UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | next(self._ids)))

    def advance(self, by: timedelta) -> None:
        self._now += by

    def sleep(self, duration: timedelta) -> None:
        self.advance(duration)
        self.while_asleep()
