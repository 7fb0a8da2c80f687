"""How a task has done lately, span by span."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from domain.live_history import Last, LiveHistory, LiveSpan
from entrypoints.answers.answer import Answer, Moment, says
from entrypoints.answers.deployments import DeploymentAnswer
from entrypoints.answers.estimates import EstimateAnswer


class LiveSpanAnswer(Answer):
    """What went on from a moment to another. Where nothing was answered there is nothing to look at."""

    since: Moment
    until: Moment
    requests: Annotated[int, says("Counted where they came in")]
    refused: Annotated[int, says("4xx")]
    failed: Annotated[int, says("5xx")]
    answers: Annotated[int, says("Answered rows, all of them")]
    looked_at: Annotated[int, says("So many of these rows, evenly spread, say what follows")]
    experiment_id: Annotated[int | None, says("The one that answered most of them")]
    latency_median_s: Annotated[float | None, says("From the beginning of the work to the answer of the row")]
    latency_p95_s: float | None
    labels: Annotated[Mapping[str, float], says("Shares of the predicted labels; empty where numbers are predicted")]
    number_p10: Annotated[float | None, says("Quantile of the predicted numbers; null where labels are predicted")]
    number_median: float | None
    number_p90: float | None
    drift: Annotated[Mapping[str, float], says("PSI by column against the experiment's training; from 100 rows on")]
    labelled: Annotated[int, says("So many rows of the experiment with a known label, evenly spread, give the quality")]
    quality: Mapping[str, EstimateAnswer]

    @classmethod
    def of(cls, span: LiveSpan) -> LiveSpanAnswer:
        seen = span.seen
        return cls(
            since=span.since, until=span.until, requests=span.requests.requests, refused=span.requests.refused,
            failed=span.requests.failed, answers=span.answers, looked_at=seen.n_rows, experiment_id=seen.experiment_id,
            latency_median_s=seen.latency_s.get(0.5), latency_p95_s=seen.latency_s.get(0.95), labels=seen.labels,
            number_p10=seen.numbers.get(0.1), number_median=seen.numbers.get(0.5), number_p90=seen.numbers.get(0.9),
            drift=seen.drift, labelled=span.n_labelled,
            quality={name: EstimateAnswer.of(found) for name, found in span.quality.items()})


class LiveHistoryAnswer(Answer):
    """How a task has done lately."""

    task: str
    last: Last
    step_s: Annotated[int, says("The length of a span; the last one goes on")]
    spans: Annotated[Sequence[LiveSpanAnswer], says("The oldest first, without gaps")]
    deployments: Annotated[Sequence[DeploymentAnswer], says("Within the spans, the oldest first")]

    @classmethod
    def of(cls, history: LiveHistory) -> LiveHistoryAnswer:
        return cls(history.task, history.last, int(history.last.step.total_seconds()),
                   [LiveSpanAnswer.of(span) for span in history.spans],
                   [DeploymentAnswer.of(deployment) for deployment in history.deployments])
