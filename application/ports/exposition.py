"""What the service counts and knows of itself, for whoever watches it."""
from __future__ import annotations

from abc import abstractmethod
from typing import Protocol


class Exposition(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def text(self) -> bytes:
        """In Prometheus' text format 0.0.4 the metrics of docs/monitoring.md: the counts of all processes of the
        service together, and its state, of which the last one known stands while it cannot be had. Raises nothing."""

    @abstractmethod
    def begin(self) -> None:
        """The service starts: what processes counted that are dead by now is forgotten, also by TrafficMeter. To be
        called before its own processes count."""
