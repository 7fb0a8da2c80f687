"""Whether the service can serve, by what it needs and by what it serves."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """DEGRADED: it goes on, and somebody should look at it."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Dependency:
    """name: database, or the disk of a variable. detail: what is wrong; empty if nothing is. free_bytes: of a disk;
    None where that is not known."""

    name: str
    health: Health
    detail: str = ""
    free_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class TaskReadiness:
    """experiment_id: whose model answers; None if none does. DEGRADED: a newer one could not be taken over."""

    task: str
    health: Health
    experiment_id: int | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Readiness:
    dependencies: Sequence[Dependency]
    tasks: Sequence[TaskReadiness]

    @property
    def reasons(self) -> list[str]:
        """Why nothing can be served; empty if something can. One model that is broken keeps no other from it."""
        failed = [one.detail for one in self.dependencies if one.health is Health.FAILED]
        return failed if any(one.experiment_id is not None for one in self.tasks) else [self._no_model(), *failed]

    @property
    def warnings(self) -> list[str]:
        """What somebody should look at although the service goes on."""
        return ([one.detail for one in self.dependencies if one.health is Health.DEGRADED]
                + [f"{one.task}: {one.detail}" for one in self.tasks if one.health is not Health.OK])

    def _no_model(self) -> str:
        return "none of the models that are deployed can be loaded" if self.tasks else "no model is deployed"
