"""From a decision to a fact: a deployment counts once every process answers with it."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.deployment_log import DeploymentLog
from application.ports.serving_fleet import ServingFleet, ServingWorker
from application.serving.listening import Listening
from domain.deployment import REMOVED, TAKEN_BACK, Deployment, since_removal
from domain.errors import ModelFailure

DEADLINE = timedelta(seconds=30)


class RolloutFailed(ModelFailure):
    """A process that serves could not take the model over; the one before serves again."""

    code = "rollout_failed"


class Takeover:
    """Writes the deployment down and waits until no living process answers with an older one. If one of them cannot
    take it over, the deployment is taken back."""

    def __init__(self, deployments: DeploymentLog, fleet: ServingFleet, clock: Clock) -> None:
        self._deployments, self._fleet, self._clock = deployments, fleet, clock

    def execute(self, task: str, decide: Callable[[Sequence[Deployment]], Deployment]) -> Deployment:
        """decide: as in DeploymentLog.append. Raises: RolloutFailed, and what `decide` raises."""
        deployment = self._deployments.append(task, decide)
        if reason := self._wait(deployment):
            self._take_back(deployment)
            raise RolloutFailed(f"experiment {deployment.experiment_id} was not taken over: {reason}")
        return deployment

    def withdraw(self, task: str, by: str | None) -> Deployment | None:
        """Ends what serves a task that is deleted, and waits until no living process answers with it; one that hangs is
        not waited for for ever, and looks at the deployments before it answers again. Returns: None if nothing
        served."""
        def decide(history: Sequence[Deployment]) -> Deployment:
            if not since_removal(history):
                raise _NothingServes
            return following(task, history[0].experiment_id, history, self._clock, REMOVED, by)

        with suppress(_NothingServes):
            removed = self._deployments.append(task, decide)
            fleet = Listening(self._fleet, self._clock)
            while any(task in worker.generations for worker in fleet.living()) and fleet.listened <= DEADLINE:
                fleet.listen()
            return removed
        return None

    def _wait(self, deployment: Deployment) -> str | None:
        """Returns: None as soon as all living processes answer with it or a later one; why not, if one cannot."""
        fleet = Listening(self._fleet, self._clock)
        while behind := _behind(fleet.living(), deployment):
            failures = [worker.failures[deployment.task] for worker in behind if deployment.task in worker.failures]
            # A failure of an earlier deployment, or of a later one, is not the fault of this one.
            if reasons := [failure.reason for failure in failures if failure.generation == deployment.generation]:
                return reasons[0]
            if fleet.listened > DEADLINE:
                return "a process that serves did not answer in time"
            fleet.listen()
        return None

    def _take_back(self, failed: Deployment) -> None:
        """Returns when all is as before everywhere. Does nothing if there was nothing before, or if another deployment
        has replaced the failed one already."""
        def decide(history: Sequence[Deployment]) -> Deployment:
            known = since_removal(history)
            if len(known) < 2 or known[0].generation != failed.generation:
                raise _Replaced
            return replace(following(failed.task, known[1].experiment_id, history, self._clock, TAKEN_BACK,
                                     failed.deployed_by), threshold=known[1].threshold, rollout=known[1].rollout)

        with suppress(_Replaced):
            self._wait(self._deployments.append(failed.task, decide))


def _behind(living: Sequence[ServingWorker], deployment: Deployment) -> list[ServingWorker]:
    return [worker for worker in living if worker.generations.get(deployment.task, 0) < deployment.generation]


class _NothingServes(Exception):
    """There is nothing to end."""


class _Replaced(Exception):
    """There is nothing to take back, or not any more."""


def following(task: str, experiment_id: int, history: Sequence[Deployment], clock: Clock, reason: str,
              deployed_by: str | None = None) -> Deployment:
    """The deployment that comes after `history` (newest first)."""
    last = history[0] if history else None
    before = last.experiment_id if last and last.reason != REMOVED else None
    return Deployment(task, experiment_id, before,
                      (last.generation if last else 0) + 1, clock.now(), reason, deployed_by)
