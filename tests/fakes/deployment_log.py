"""Deployments in memory."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import RLock

from application.ports.deployment_log import DeploymentLog
from domain.deployment import Deployment
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
        return [newest[task] for task in sorted(newest)]

    def append(self, task: str, decide: Callable[[Sequence[Deployment]], Deployment]) -> Deployment:
        with self._lock:
            history = self.history(task, limit=1_000)
            deployment = decide(history)
            if any(known.generation == deployment.generation for known in self.history(task, len(self._deployments))):
                raise Conflict(f"task {task} has a deployment {deployment.generation} already")
            self._deployments.append(deployment)
            return deployment

    def history(self, task: str | None = None, limit: int = 100) -> Sequence[Deployment]:
        with self._lock:
            found = [deployment for deployment in reversed(self._deployments) if task in (None, deployment.task)]
        return found[:max(limit, 0)]
