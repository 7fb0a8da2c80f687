"""Is it alive, can it serve."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from domain.readiness import Dependency, Health, Readiness, TaskReadiness
from entrypoints.answers.answer import Answer, says

_HEALTH = "degraded goes on, and somebody should look at it"


class HealthAnswer(Answer):
    """The process answers."""

    status: Literal["ok"]


class DependencyAnswer(Answer):
    """What the service stands on."""

    name: Annotated[str, says("database, or the disk of a variable")]
    status: Annotated[Health, says(_HEALTH)]
    detail: Annotated[str, says("What is wrong; empty if nothing is")]
    free_bytes: Annotated[int | None, says("Of a disk: how much more it takes")]

    @classmethod
    def of(cls, one: Dependency) -> DependencyAnswer:
        return cls(one.name, one.health, one.detail, one.free_bytes)


class TaskReadinessAnswer(Answer):
    """A task of which a model is deployed, as the process that was asked serves it."""

    task: str
    status: Annotated[Health, says(_HEALTH)]
    experiment_id: Annotated[int | None, says("Whose model answers; null if none does")]
    detail: Annotated[str, says("What is wrong; empty if nothing is")]

    @classmethod
    def of(cls, one: TaskReadiness) -> TaskReadinessAnswer:
        return cls(one.task, one.health, one.experiment_id, one.detail)


class ReadinessAnswer(Answer):
    """Whether the process can serve."""

    status: Literal["ready", "not ready"]
    reasons: Annotated[Sequence[str], says("Why not")]
    warnings: Annotated[Sequence[str], says("What somebody should look at although it serves")]
    dependencies: Sequence[DependencyAnswer]
    tasks: Sequence[TaskReadinessAnswer]

    @classmethod
    def of(cls, readiness: Readiness, ends: bool = False) -> ReadinessAnswer:
        """ends: the process is about to."""
        reasons = [*readiness.reasons, *(["the process is about to end"] if ends else [])]
        return cls("not ready" if reasons else "ready", reasons, readiness.warnings,
                   list(map(DependencyAnswer.of, readiness.dependencies)),
                   list(map(TaskReadinessAnswer.of, readiness.tasks)))
