"""What a model that serves did."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from progon_client.answers.words import Act


@dataclass(frozen=True, kw_only=True)
class Drift:
    """How the values of a feature differ from those in training: a histogram of both."""

    feature: str
    #: Population stability index
    psi: float
    #: Share of the rows
    missing: float
    #: Share of the rows with a value that training had not; null if not known
    unseen: float | None
    categories: list[str] | None = None
    #: Of numbers: between the bins
    edges: list[float] | None = None
    #: Of numbers: the least in training
    low: float | None = None
    #: Of numbers: the largest in training
    high: float | None = None
    #: Shares of the training rows
    reference: list[float]
    #: Shares of the rows that were looked at
    current: list[float]


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What was seen of a model that serves."""

    task: str
    experiment_id: int
    deployed_at: datetime
    commit_hash: str
    #: On the rows held out in training
    promised: dict[str, float | None]
    #: null until it was looked at
    observed_at: datetime | None
    rows: int
    labelled_rows: int
    #: On the rows whose label is known
    quality: dict[str, float | None]
    drift: list[Drift]


@dataclass(frozen=True, kw_only=True)
class Observations:
    """What was seen of all models that serve."""

    #: The answers of so many hours are looked at
    window_h: float
    models: list[Observation]


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """One answered row."""

    request_id: str
    #: In the request
    row_no: int
    created_at: datetime
    route: str
    task: str
    experiment_id: int
    #: By column; null is no value
    inputs: dict[str, float | str | None]
    prediction: str
    score: float
    #: The truth, where it is known
    label: str | None
    latency_s: float
    #: In the order of the task's labels
    probabilities: list[float] | None


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """Some answered rows, the newest first."""

    predictions: list[Prediction]
    #: `before` of the page that follows; null on the last
    next: str | None


@dataclass(frozen=True, kw_only=True)
class TrafficMinute:
    """The requests of a minute."""

    at: datetime
    requests: int
    #: 4xx
    refused: int
    #: 5xx
    failed: int


@dataclass(frozen=True, kw_only=True)
class TaskTraffic:
    """The requests for a task, all together and by minute."""

    task: str
    requests: int
    #: 4xx
    refused: int
    #: 5xx
    failed: int
    #: Those with a request
    minutes: list[TrafficMinute]


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """The requests since a moment, by task."""

    since: datetime
    tasks: list[TaskTraffic]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that was done."""

    id: int
    at: datetime
    act: Act
    #: Empty for what is of no task: a key
    task: str
    #: Whose key or account it was, where that is known
    by: str | None
    #: What it was, and what was there before
    detail: dict[str, Any]
    #: SHA-256 of the digest of the entry before and of this entry; empty in those of before there were digests
    digest: str


@dataclass(frozen=True, kw_only=True)
class History:
    """Some changes, the newest first."""

    entries: list[Change]
    #: `before` of the page that follows; null on the last
    next: int | None


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Some of what was done, the oldest first."""

    entries: list[Change]
    #: `after` of the page that follows; null on the last
    next: int | None
