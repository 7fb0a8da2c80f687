from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from entrypoints.answers.deployments import DeploymentAnswer, DeploymentsAnswer


class Serving(Protocol):
    @abstractmethod
    def deploy(self, experiment_id: int, if_better: str | None) -> DeploymentAnswer: ...

    @abstractmethod
    def rollback(self, task: str) -> DeploymentAnswer: ...

    @abstractmethod
    def deployments(self, task: str | None, limit: int) -> DeploymentsAnswer:
        """Newest first."""
