"""Candidates beside what serves."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from progon_client.answers.estimates import Estimate
from progon_client.answers.experiments import Difference
from progon_client.answers.words import RolloutRole


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What is tried beside what serves."""

    experiment_id: int
    #: shadow: asked in silence; canary: answers a share of the requests
    as_: RolloutRole
    #: Of the requests that the candidate is asked
    share: float
    #: The column whose value decides who is answered by the candidate; null where each request is for itself
    by: str | None
    #: Above which the probability of the positive label makes it the answer; null where the model decides
    threshold: float | None
    #: When the rollout began
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """A candidate beside what serves its task."""

    task: str
    #: The candidate
    experiment_id: int
    #: shadow: asked in silence; canary: answers a share of the requests
    as_: RolloutRole
    #: Of the requests that the candidate is asked
    share: float
    #: The column whose value decides who is answered by the candidate; null where each request is for itself
    by: str | None
    #: Above which the probability of the positive label makes it the answer; null where the model decides
    threshold: float | None
    #: Counts the deployments of the task, from 1
    generation: int
    #: What serves
    serving_experiment_id: int
    #: When the rollout began
    since: datetime
    #: Whose key or account it was, where that is known
    deployed_by: str | None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one of two models has answered since the rollout began."""

    #: All of them
    rows: int
    #: The newest of those whose label is known, which give the quality; beside a shadow those that both have answered
    labelled: int
    quality: dict[str, Estimate]


@dataclass(frozen=True, kw_only=True)
class RolloutState:
    """A rollout, and what its candidate and what serves have answered since it began."""

    rollout: Rollout
    candidate: Seen
    serving: Seen
    #: Of a shadow: the newest rows that both have answered
    pairs: int
    #: Share of them with the same label; null without any, and of numbers
    same: float | None
    #: Mean distance of the numbers that the two answered, in the unit of the target; null of labels
    apart: float | None
    #: Of a shadow: by metric, candidate minus what serves, on the rows of both whose label is known
    differences: dict[str, Difference]


@dataclass(frozen=True, kw_only=True)
class Rollouts:
    """The rollouts that go on."""

    rollouts: list[RolloutState]
