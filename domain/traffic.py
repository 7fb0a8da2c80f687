"""How many requests came, minute by minute."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

# (task, HTTP status) -> requests since the service was started.
Totals = Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class TrafficMinute:
    """Requests for a task that were answered in the minute that began `at`. refused: with 4xx. failed: with 5xx."""

    task: str
    at: datetime
    requests: int
    refused: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class TrafficCount:
    """Requests of a stretch of time. refused: with 4xx. failed: with 5xx."""

    requests: int = 0
    refused: int = 0
    failed: int = 0


def between(before: Totals, after: Totals, now: datetime) -> Sequence[TrafficMinute]:
    """What came since `before`, by task. Requests that were for no task are left out."""
    requests: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for (task, status), total in after.items():
        if task and (came := total - before.get((task, status), 0)) > 0:
            requests[task] += came
            refused[task] += came if 400 <= status < 500 else 0
            failed[task] += came if status >= 500 else 0
    minute = now.replace(second=0, microsecond=0)
    return [TrafficMinute(task, minute, count, refused[task], failed[task]) for task, count in sorted(requests.items())]
