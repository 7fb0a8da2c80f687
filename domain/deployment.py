"""A deployment: the fact that an experiment serves its task from some moment on."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

ROLLBACK, TAKEN_BACK = "rollback", "taken back"
# The last entry of a task that was deleted: its experiment served until then. Generations go on from it, so that no
# process takes a model of an earlier task for that of a later one of the same name.
REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Deployment:
    """generation grows by one with each deployment of a task, rollbacks included. deployed_by: None where nobody had to
    say who he is."""

    task: str
    experiment_id: int
    previous_experiment_id: int | None
    generation: int
    created_at: datetime
    reason: str = "deploy"
    deployed_by: str | None = None


def since_removal(history: Sequence[Deployment]) -> Sequence[Deployment]:
    """Those of the task that there is now, without what an earlier one of its name left. Both newest first."""
    return list(takewhile(lambda deployment: deployment.reason != REMOVED, history))


def before_current(history: Sequence[Deployment]) -> int | None:
    """The experiment to roll back to: what served before the present one came, with rollbacks undone as they were made,
    so that rolling back twice goes back two steps and not to and fro.

    history: newest first. Returns: None if nothing served before.
    """
    before: list[int] = []
    stack: list[int] = []
    for deployment in reversed(since_removal(history)):
        # What was taken back was the deployment right before it, whatever that had been.
        undone = {ROLLBACK: stack[:-1], TAKEN_BACK: before}.get(deployment.reason, stack)
        before = stack
        # Also where the history begins in the middle: what served then is known, what served before it is not.
        stack = undone if undone[-1:] == [deployment.experiment_id] else [*undone, deployment.experiment_id]
    return stack[-2] if len(stack) > 1 else None
