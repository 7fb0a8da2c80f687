"""Deployments in memory."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import RLock

from application.ports.deployment_log import DeploymentLog
from domain.deployment import REMOVED, Deployment, since_removal
from domain.errors import Conflict


class InMemoryDeploymentLog(DeploymentLog):
    def __init__(self) -> None:
        # Reentrant, because a decision may look at the log.
        self._lock = RLock()
        self._deployments: list[Deployment] = []

    def current(self, task: str) -> Deployment | None:
        return next(iter(self.history(task, limit=1)), None)

    def current_all(self) -> Sequence[Deployment]:
        newest = {deployment.task: deployment for deployment in reversed(self.history(limit=len(self._deployments)))}
        return [newest[task] for task in sorted(newest) if newest[task].reason != REMOVED]

    def append(self, task: str, decide: Callable[[Sequence[Deployment]], Deployment]) -> Deployment:
        with self._lock:
            history = [deployment for deployment in reversed(self._deployments) if deployment.task == task]
            deployment = decide(history[:1_000])
            if any(known.generation == deployment.generation for known in history):
                raise Conflict(f"task {task} has a deployment {deployment.generation} already")
            self._deployments.append(deployment)
            return deployment

    def history(self, task: str | None = None, limit: int = 100) -> Sequence[Deployment]:
        with self._lock:
            found = [deployment for deployment in reversed(self._deployments) if task in (None, deployment.task)]
        found = found if task is None else list(since_removal(found))
        return found[:max(limit, 0)]
