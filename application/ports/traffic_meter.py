"""How many requests were answered since the service was started."""
from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from domain.traffic import Totals


class TrafficMeter(Protocol):
    """Thread-safe: yes."""

    @abstractmethod
    def totals(self) -> Totals:
        """Of all processes of the service, by task (empty where none was meant) and status."""
