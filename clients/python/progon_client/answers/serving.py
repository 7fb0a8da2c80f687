"""What serves."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from progon_client.answers.rollouts import Candidate


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One deployment."""

    task: str
    experiment_id: int
    #: What served before; null for the first
    previous_experiment_id: int | None
    #: Counts the deployments of the task, from 1
    generation: int
    created_at: datetime
    #: deploy, rollback or taken back; of a rollout shadow, canary, promote or abort
    reason: str
    #: Whose key or account it was, where that is known
    deployed_by: str | None
    #: Above which the probability of the positive label makes it the answer; null where the model decides
    threshold: float | None
    #: The candidate beside what serves; null without one
    rollout: Candidate | None


@dataclass(frozen=True, kw_only=True)
class Deployments:
    """Deployments, the newest first."""

    deployments: list[Deployment]


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """An input or output of the model file."""

    name: str
    #: As ONNX writes it, such as tensor(float)
    type: str


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """What the file of a model says; a text is empty where it says nothing."""

    task: str
    experiment_id: int | None
    experiment_name: str
    commit_hash: str
    #: Why the commit is unknown, and what makes the next one known; else empty
    commit_reason: str
    saved_at: str
    dataset_version: int | None
    problem: str
    inputs: list[Tensor]
    outputs: list[Tensor]
    labels: list[str | int]
    metrics: dict[str, Any]
    #: trained, or imported
    origin: str
    #: Of an imported one: what its file said that made it
    producer: str
    #: Of an imported one: of the file as it came
    source_sha256: str
    #: Of an imported one: exported or unverified
    holdout: str
    #: Above which the probability of the positive label makes it the answer; null where the model decides
    threshold: float | None


@dataclass(frozen=True, kw_only=True)
class Health:
    """The process answers."""

    status: Literal["ok"]


@dataclass(frozen=True, kw_only=True)
class Dependency:
    """What the service stands on."""

    #: database, or the disk of a variable
    name: str
    #: degraded goes on, and somebody should look at it
    status: Literal["degraded", "failed", "ok"]
    #: What is wrong; empty if nothing is
    detail: str
    #: Of a disk: how much more it takes
    free_bytes: int | None


@dataclass(frozen=True, kw_only=True)
class TaskReadiness:
    """A task of which a model is deployed, as the process that was asked serves it."""

    task: str
    #: degraded goes on, and somebody should look at it
    status: Literal["degraded", "failed", "ok"]
    #: Whose model answers; null if none does
    experiment_id: int | None
    #: What is wrong; empty if nothing is
    detail: str


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Whether the process can serve."""

    status: Literal["not ready", "ready"]
    #: Why not
    reasons: list[str]
    #: What somebody should look at although it serves
    warnings: list[str]
    dependencies: list[Dependency]
    tasks: list[TaskReadiness]
