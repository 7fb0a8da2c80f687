"""What time it is, and ids that grow with it."""
from __future__ import annotations

from abc import abstractmethod
from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def now(self) -> datetime:
        """The moment, aware, in UTC."""

    @abstractmethod
    def new_id(self) -> str:
        """A new UUIDv7 (RFC 9562), unique and in the order of time."""

    @abstractmethod
    def sleep(self, duration: timedelta) -> None:
        """Returns when this much time has passed."""
