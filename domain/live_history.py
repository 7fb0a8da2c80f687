"""How a task has done lately, span by span."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from domain.deployment import Deployment
from domain.scoring import LARGER_IS_BETTER
from domain.traffic import TrafficCount

# Below this many labelled rows the normal distribution, by which intervals are drawn, says little.
LEAST_FOR_INTERVAL = 30
_ALIKE = 1e-12
_UNBOUNDED_BELOW, _UNBOUNDED_ABOVE = {"r2"}, {"logloss", "rmse", "mae"}


class Last(StrEnum):
    """How far back is looked."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"

    @property
    def step(self) -> timedelta:
        """The length of one span."""
        return _STEPS[self]

    @property
    def n_spans(self) -> int:
        return _SPANS[self]


_STEPS = {Last.DAY: timedelta(hours=1), Last.WEEK: timedelta(hours=6), Last.MONTH: timedelta(days=1)}
_SPANS = {Last.DAY: 24, Last.WEEK: 28, Last.MONTH: 30}


def edges(last: Last, now: datetime) -> Sequence[datetime]:
    """Where its spans begin, and where the last one ends: that in which it is now. Spans begin at whole hours, at 0, 6,
    12 and 18 o'clock, or at midnight, in UTC."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    end = epoch + ((now - epoch) // last.step + 1) * last.step
    return [end - number * last.step for number in range(last.n_spans, -1, -1)]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of a metric. low, high: its 95 % interval; None where the rows cannot show one."""

    value: float
    low: float | None = None
    high: float | None = None


def estimate(metric: str, value: float, margin: float | None, n_rows: int) -> Estimate:
    """margin: half of the interval's width. An interval ends where the metric does. There is none of few rows, nor
    where all rows are alike: they do not show how often others occur."""
    if margin is None or margin <= _ALIKE * abs(value) or n_rows < LEAST_FOR_INTERVAL:
        return Estimate(value)
    least = -math.inf if metric in _UNBOUNDED_BELOW or metric not in LARGER_IS_BETTER else 0.0
    most = math.inf if metric in _UNBOUNDED_ABOVE or metric not in LARGER_IS_BETTER else 1.0
    return Estimate(value, max(value - margin, least), min(value + margin, most))


@dataclass(frozen=True, slots=True)
class Answered:
    """What some rows of a span show. n_rows: how many were looked at. experiment_id: the one that gave most of them.
    latency_s, numbers: quantile -> value, in seconds and of predicted numbers. labels: shares of the predicted labels.
    drift: PSI by column, of that experiment's rows against its training; empty of too few rows."""

    n_rows: int = 0
    experiment_id: int | None = None
    latency_s: Mapping[float, float] = field(default_factory=dict)
    labels: Mapping[str, float] = field(default_factory=dict)
    numbers: Mapping[float, float] = field(default_factory=dict)
    drift: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LiveSpan:
    """since: at or after. until: before. answers: rows, all of them. quality: of `n_labelled` rows, whose label is
    known, of the experiment that gave most answers."""

    since: datetime
    until: datetime
    answers: int
    requests: TrafficCount
    seen: Answered = Answered()
    n_labelled: int = 0
    quality: Mapping[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LiveHistory:
    """spans: oldest first, without gaps. deployments: within them, oldest first."""

    task: str
    last: Last
    spans: Sequence[LiveSpan]
    deployments: Sequence[Deployment]
