from __future__ import annotations

from entrypoints.answers.deployments import DeploymentAnswer, DeploymentsAnswer
from entrypoints.commands.abilities.serving import Serving
from entrypoints.commands.there.of_service import OfService


class ServingThere(OfService, Serving):
    def deploy(self, experiment_id: int, if_better: str | None) -> DeploymentAnswer:
        return self._service.ask(DeploymentAnswer, "POST", f"/deploy/{experiment_id}", params={"if_better": if_better})

    def rollback(self, task: str) -> DeploymentAnswer:
        return self._service.ask(DeploymentAnswer, "POST", "/rollback", params={"task": task})

    def deployments(self, task: str | None, limit: int) -> DeploymentsAnswer:
        return self._service.ask(DeploymentsAnswer, "GET", "/deployments", params={"task": task, "limit": limit})
