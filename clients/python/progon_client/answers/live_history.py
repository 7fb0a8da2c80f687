"""How a task has done lately."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from progon_client.answers.estimates import Estimate
from progon_client.answers.serving import Deployment
from progon_client.answers.words import Last


@dataclass(frozen=True, kw_only=True)
class LiveSpan:
    """What went on from a moment to another. Where nothing was answered there is nothing to look at."""

    since: datetime
    until: datetime
    #: Counted where they came in
    requests: int
    #: 4xx
    refused: int
    #: 5xx
    failed: int
    #: Answered rows, all of them
    answers: int
    #: So many of these rows, evenly spread, say what follows
    looked_at: int
    #: The one that answered most of them
    experiment_id: int | None
    #: From the beginning of the work to the answer of the row
    latency_median_s: float | None
    latency_p95_s: float | None
    #: Shares of the predicted labels; empty where numbers are predicted
    labels: dict[str, float]
    #: Quantile of the predicted numbers; null where labels are predicted
    number_p10: float | None
    number_median: float | None
    number_p90: float | None
    #: PSI by column against the experiment's training; from 100 rows on
    drift: dict[str, float]
    #: So many rows of the experiment with a known label, evenly spread, give the quality
    labelled: int
    quality: dict[str, Estimate]


@dataclass(frozen=True, kw_only=True)
class LiveHistory:
    """How a task has done lately."""

    task: str
    last: Last
    #: The length of a span; the last one goes on
    step_s: int
    #: The oldest first, without gaps
    spans: list[LiveSpan]
    #: Within the spans, the oldest first
    deployments: list[Deployment]
