"""Trainings, and what served and serves."""
from __future__ import annotations

from typing import NotRequired, TypedDict


class TrialBody(TypedDict):
    experiment_id: int
    params: dict[str, object]
    status: str
    value: float | None


class SearchBody(TypedDict):
    """best: the id of a trial."""

    by: str
    planned: int
    best: int | None
    note: str
    trials: list[TrialBody]


class PartBody(TypedDict):
    rows: int
    since: str | None
    until: str | None


class ExperimentBody(TypedDict):
    """metrics: part -> name -> value, {} until it has succeeded."""

    experiment_id: int
    task: str
    name: str
    status: str
    progress: float
    stage: str
    iteration: int
    iterations: int
    dataset_version: int
    schema_version: int
    commit_hash: str
    created_at: str
    started_at: str | None
    finished_at: str | None
    params: dict[str, object]
    metrics: dict[str, dict[str, float | None]]
    parts: dict[str, PartBody]
    warnings: list[str]
    error: str | None
    from_cache: bool
    parent: int | None
    search: SearchBody | None
    tags: list[str]
    note: str
    pinned: bool
    archived: bool
    origin: str
    mapping: NotRequired[dict[str, object]]
    notes: NotRequired[list[str]]
    producer: NotRequired[str]
    source_sha256: NotRequired[str]
    holdout: NotRequired[str]
    parity: NotRequired[float | None]


class ExperimentsBody(TypedDict):
    """matched, names, next_offset: of those that were chosen."""

    experiments: list[ExperimentBody]
    next: int | None
    next_offset: NotRequired[int | None]
    matched: NotRequired[int]
    names: NotRequired[list[str]]


class DifferenceBody(TypedDict):
    value: float
    low: float
    high: float
    verdict: str


class ComparisonBody(TypedDict):
    dataset_version: int
    metrics: dict[str, float | None]
    serving_experiment_id: int | None
    serving_metrics: dict[str, float | None] | None
    rows: int | None
    groups: int | None
    differences: dict[str, DifferenceBody]


CandidateBody = TypedDict("CandidateBody", {
    "experiment_id": int, "as": str, "share": float, "by": str | None, "threshold": float | None, "since": str})


class DeploymentBody(TypedDict):
    task: str
    experiment_id: int
    previous_experiment_id: int | None
    generation: int
    created_at: str
    reason: str
    deployed_by: NotRequired[str | None]
    threshold: float | None
    rollout: CandidateBody | None


ArtifactBody = TypedDict("ArtifactBody", {"path": str, "size_bytes": int})
ArtifactsBody = TypedDict("ArtifactsBody", {"artifacts": list[ArtifactBody]})
DeploymentsBody = TypedDict("DeploymentsBody", {"deployments": list[DeploymentBody]})
