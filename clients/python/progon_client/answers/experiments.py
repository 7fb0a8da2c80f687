"""What was trained, and how well."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from progon_client.answers.words import Origin, Status, Verdict


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One of the settings that a search has tried."""

    experiment_id: int
    #: In the place of the usual ones; none of the first
    params: dict[str, Any]
    #: How it ended
    status: str
    #: Of the metric that chooses, on valid; null if it did not succeed
    value: float | None


@dataclass(frozen=True, kw_only=True)
class Search:
    """Several settings tried, of which the rows of `valid` choose one."""

    #: The metric on valid that chooses
    by: str
    #: Settings to try
    planned: int
    budget_s: float | None
    #: The best trial so far; the experiment ends with its parameters and its model
    best: int | None
    #: Why not all were tried
    note: str
    #: Those that have ended
    trials: list[Trial]


@dataclass(frozen=True, kw_only=True)
class PartRows:
    """The rows of one part."""

    rows: int
    #: Of rows that are parted by time: the first moment
    since: str | None
    #: And the last
    until: str | None


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One experiment: one training of a task on a version of its data."""

    experiment_id: int
    task: str
    name: str
    status: Status
    #: 0 to 1 of the whole run
    progress: float
    stage: str
    #: From 1; 0 before the first
    iteration: int
    iterations: int
    loss: float | None
    dataset_version: int
    #: Of the task, with which it was trained
    schema_version: int
    commit_hash: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    params: dict[str, Any]
    #: Those of train, valid and test, by name; empty until it succeeded
    metrics: dict[str, dict[str, float | None]]
    #: The rows of train, valid and test; empty until it succeeded
    parts: dict[str, PartRows]
    #: What is to be doubted: of its metrics, then of its columns
    warnings: list[str]
    #: By part and name: why a metric is null
    no_value: dict[str, dict[str, str]]
    #: Why it failed
    error: str | None
    #: This very training was done before, and nothing was computed
    from_cache: bool
    #: Trained here, or imported; what follows is there of an imported one alone
    origin: Origin
    #: The experiment that this one is a trial of
    parent: int | None
    #: Its trials that have ended, if it searches
    children: list[int]
    #: Of one that tries several settings
    search: Search | None
    tags: list[str]
    note: str
    #: The others of its task are measured against it
    pinned: bool
    #: Lists leave it out unless they are asked for it
    archived: bool
    #: As it was understood
    mapping: dict[str, Any] | None = None
    #: What was guessed, and which rows are refused
    notes: list[str] | None = None
    #: What the file says that made it
    producer: str | None = None
    #: SHA-256 of the file as it came
    source_sha256: str | None = None
    #: exported: made with the rows of an export, by the word of whoever sent both; unverified: nothing is known of
    #: what it was made with, so the metrics may be of rows that it has seen
    holdout: str | None = None
    #: Largest difference from its maker's own answers; null without a check
    parity: float | None = None


@dataclass(frozen=True, kw_only=True)
class ExperimentPage:
    """Some experiments, the newest first unless they were asked for in another order."""

    experiments: list[Experiment]
    #: `before` of the page that follows; null on the last
    next: int | None
    #: `offset` of the page that follows; with the rest, where `filter`, `sort`, `search` or `offset` is
    next_offset: int | None = None
    #: How many were chosen, on all pages
    matched: int | None = None
    #: What `filter` and `sort` may name here
    names: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What the rows show of the difference between two models that both answered them."""

    #: Of the experiment minus of what serves
    value: float
    #: Where its 95 % interval begins
    low: float
    #: And ends
    high: float
    #: On the experiment; unclear where the interval holds 0: no difference that these rows can show
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """An experiment and what serves, or another one, on the same rows."""

    experiment_id: int
    #: Both are judged by its held-out rows
    dataset_version: int
    metrics: dict[str, float | None]
    #: The other one: what serves, null while nothing does, or what `against` names
    serving_experiment_id: int | None
    serving_metrics: dict[str, float | None] | None
    #: How many held-out rows both answered; null where there are not two models
    rows: int | None
    #: In how many groups they came, of a task that is split by groups: then these and not single rows make the
    #: intervals
    groups: int | None
    #: By metric, where both have it; empty where there are not two models or fewer than three rows or groups
    differences: dict[str, Difference]


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """One file."""

    #: Below the experiment
    path: str
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class Artifacts:
    """The files of an experiment."""

    artifacts: list[Artifact]
