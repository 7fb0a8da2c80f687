"""A deployment: the fact that an experiment serves its task from some moment on."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from domain.rollout import Rollout, RolloutRole

ROLLBACK, TAKEN_BACK = "rollback", "taken back"
# The candidate of a rollout serves all, or none any more.
PROMOTE, ABORT = "promote", "abort"
# The last entry of a task that was deleted: its experiment served until then. Generations go on from it, so that no
# process takes a model of an earlier task for that of a later one of the same name.
REMOVED = "removed"

# Of these what served before goes on to serve.
_GOES_ON = frozenset({*map(str, RolloutRole), ABORT, TAKEN_BACK})


@dataclass(frozen=True, slots=True)
class Deployment:
    """What serves a task from some moment on, all of it.

    generation grows by one with each deployment of a task, rollbacks included. reason: deploy, the role of a candidate
    that was put beside what serves, or one of the words above. deployed_by: None where nobody had to say who he is.
    threshold: above which the probability of the positive label makes it the answer; None where the model decides.
    rollout: of the candidate beside it.
    """

    task: str
    experiment_id: int
    previous_experiment_id: int | None
    generation: int
    created_at: datetime
    reason: str = "deploy"
    deployed_by: str | None = None
    threshold: float | None = None
    rollout: Rollout | None = None

    @property
    def goes_on(self) -> bool:
        """Whether what served before it may serve on: a candidate came or went beside it, or it was taken back."""
        return self.reason in _GOES_ON

    def serves_as(self, other: Deployment) -> bool:
        """Whether the same model decides by the same threshold."""
        return (self.experiment_id, self.threshold) == (other.experiment_id, other.threshold)


def since_removal(history: Sequence[Deployment]) -> Sequence[Deployment]:
    """Those of the task that there is now, without what an earlier one of its name left. Both newest first."""
    return list(takewhile(lambda deployment: deployment.reason != REMOVED, history))


def begun_with(history: Sequence[Deployment]) -> Deployment:
    """The one that brought what serves into service: since then candidates may have come and gone beside it, and
    others may have been taken back.

    history: newest first, of one task, not empty.
    """
    found = history[0]
    for earlier in history[1:]:
        if not found.goes_on or not earlier.serves_as(found):
            break
        found = earlier
    return found


def before_current(history: Sequence[Deployment]) -> Deployment | None:
    """The one to roll back to: what served before the present one came, with rollbacks undone as they were made, so
    that rolling back twice goes back two steps and not to and fro.

    history: newest first. Returns: None if nothing served before.
    """
    before: list[Deployment] = []
    stack: list[Deployment] = []
    for deployment in reversed(since_removal(history)):
        # What was taken back was the deployment right before it, whatever that had been.
        undone = {ROLLBACK: stack[:-1], TAKEN_BACK: before}.get(deployment.reason, stack)
        before = stack
        # Also where the history begins in the middle: what served then is known, what served before it is not.
        stack = undone if undone and undone[-1].serves_as(deployment) else [*undone, deployment]
    return stack[-2] if len(stack) > 1 else None
