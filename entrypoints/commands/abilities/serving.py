from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from application.use_cases.admission import Terms
from application.use_cases.roll_out import RolloutWish
from entrypoints.answers.deployments import DeploymentAnswer, DeploymentsAnswer
from entrypoints.answers.rollouts import RolloutAnswer, RolloutsAnswer


class Serving(Protocol):
    @abstractmethod
    def deploy(self, experiment_id: int, terms: Terms) -> DeploymentAnswer: ...

    @abstractmethod
    def roll_out(self, experiment_id: int, wish: RolloutWish, terms: Terms) -> RolloutAnswer: ...

    @abstractmethod
    def rollouts(self, task: str | None) -> RolloutsAnswer: ...

    @abstractmethod
    def promote(self, task: str) -> DeploymentAnswer: ...

    @abstractmethod
    def abort(self, task: str) -> DeploymentAnswer: ...

    @abstractmethod
    def rollback(self, task: str) -> DeploymentAnswer: ...

    @abstractmethod
    def deployments(self, task: str | None, limit: int) -> DeploymentsAnswer:
        """Newest first."""
