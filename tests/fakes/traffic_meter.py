"""Totals of requests in memory."""
from __future__ import annotations

from collections import Counter

from application.ports.traffic_meter import TrafficMeter
from domain.traffic import Totals


class InMemoryTrafficMeter(TrafficMeter):
    def __init__(self) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()

    def totals(self) -> Totals:
        return dict(self.requests)
