"""Minutes of traffic in memory."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from threading import Lock

from application.ports.traffic_log import TrafficLog
from domain.traffic import TrafficCount, TrafficMinute


class InMemoryTrafficLog(TrafficLog):
    def __init__(self) -> None:
        self._lock = Lock()
        self._minutes: dict[tuple[datetime, str], TrafficMinute] = {}

    def add(self, minutes: Sequence[TrafficMinute]) -> None:
        with self._lock:
            for minute in minutes:
                key = (minute.at, minute.task)
                known = self._minutes.get(key, TrafficMinute(minute.task, minute.at, 0))
                self._minutes[key] = TrafficMinute(
                    minute.task, minute.at, known.requests + minute.requests, known.refused + minute.refused,
                    known.failed + minute.failed)

    def since(self, moment: datetime, task: str | None = None) -> Sequence[TrafficMinute]:
        with self._lock:
            return [self._minutes[key] for key in sorted(self._minutes)
                    if key[0] >= moment and task in (None, key[1])]

    def counts(self, task: str, edges: Sequence[datetime]) -> Sequence[TrafficCount]:
        with self._lock:
            known = [minute for minute in self._minutes.values() if minute.task == task]
        return [_sum([minute for minute in known if since <= minute.at < until]) for since, until in pairwise(edges)]

    def remove(self, task: str) -> None:
        """For the port TaskTraces."""
        with self._lock:
            self._minutes = {key: minute for key, minute in self._minutes.items() if minute.task != task}

    def forget(self, before: datetime) -> int:
        with self._lock:
            kept = {key: minute for key, minute in self._minutes.items() if key[0] >= before}
            forgotten, self._minutes = len(self._minutes) - len(kept), kept
        return forgotten


def _sum(minutes: Sequence[TrafficMinute]) -> TrafficCount:
    return TrafficCount(sum(minute.requests for minute in minutes), sum(minute.refused for minute in minutes),
                        sum(minute.failed for minute in minutes))
