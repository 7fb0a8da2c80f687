"""Showing what requests have in memory, so that it can be watched."""
from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol


class MemoryGauge(Protocol):
    """Shown is the sum of all processes that live. Raises nothing. Thread-safe: yes."""

    @abstractmethod
    def show(self, taken_bytes: Callable[[], int]) -> None:
        """taken_bytes: says what the requests of this process have now; asked once, in the order of what is shown."""
