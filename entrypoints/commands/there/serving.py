from __future__ import annotations

from entrypoints.answers.deployments import DeploymentAnswer, DeploymentsAnswer
from entrypoints.commands.abilities.serving import Serving
from entrypoints.commands.there.of_service import OfService
from entrypoints.commands.there.once import once


class ServingThere(OfService, Serving):
    def deploy(self, experiment_id: int, if_better: str | None) -> DeploymentAnswer:
        return once(lambda headers: self._service.ask(
            DeploymentAnswer, "POST", f"/deploy/{experiment_id}", params={"if_better": if_better}, headers=headers))

    def rollback(self, task: str) -> DeploymentAnswer:
        return once(lambda headers: self._service.ask(
            DeploymentAnswer, "POST", "/rollback", params={"task": task}, headers=headers))

    def deployments(self, task: str | None, limit: int) -> DeploymentsAnswer:
        return self._service.ask(DeploymentsAnswer, "GET", "/deployments", params={"task": task, "limit": limit})
