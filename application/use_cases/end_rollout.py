"""A rollout ends: the candidate serves all, or nobody."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from application.ports.clock import Clock
from application.ports.task_catalog import TaskCatalog
from application.serving.takeover import Takeover, following
from domain.deployment import ABORT, PROMOTE, Deployment, since_removal
from domain.errors import Conflict
from domain.rollout import Rollout


class _EndRollout:
    def __init__(self, tasks: TaskCatalog, takeover: Takeover, clock: Clock) -> None:
        self._tasks, self._takeover, self._clock = tasks, takeover, clock

    def _end(self, task_name: str, reason: str, deployed_by: str | None) -> Deployment:
        """Raises: UnknownTask, Conflict, RolloutFailed."""
        self._tasks.get(task_name)

        def decide(history: Sequence[Deployment]) -> Deployment:
            serves, rollout = _under_way(history, task_name)
            goes_on = rollout if reason == PROMOTE else serves
            return replace(following(task_name, goes_on.experiment_id, history, self._clock, reason, deployed_by),
                           threshold=goes_on.threshold)

        return self._takeover.execute(task_name, decide)


class Promote(_EndRollout):
    """The candidate of the rollout, shadow or canary, serves all requests of its task, with its threshold; the rollout
    ends. Rolling back leads to what served before."""

    def execute(self, task_name: str, deployed_by: str | None = None) -> Deployment:
        """Raises: UnknownTask, Conflict if no rollout goes on, RolloutFailed."""
        return self._end(task_name, PROMOTE, deployed_by)


class Abort(_EndRollout):
    """The rollout ends, and what serves goes on to serve, all requests from now on."""

    def execute(self, task_name: str, deployed_by: str | None = None) -> Deployment:
        """Raises: UnknownTask, Conflict if no rollout goes on, RolloutFailed."""
        return self._end(task_name, ABORT, deployed_by)


def _under_way(history: Sequence[Deployment], task_name: str) -> tuple[Deployment, Rollout]:
    """What serves, and the rollout beside it. Raises: Conflict."""
    for serves in since_removal(history)[:1]:
        if serves.rollout is not None:
            return serves, serves.rollout
    raise Conflict(f"no rollout of {task_name} goes on")
