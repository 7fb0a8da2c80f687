from __future__ import annotations

from entrypoints.answers.deployments import DeploymentAnswer, DeploymentsAnswer
from entrypoints.commands.abilities.serving import Serving
from entrypoints.commands.here.of_home import OfHome
from entrypoints.commands.shell import user
from entrypoints.wiring import get, ports


class ServingHere(OfHome, Serving):
    def deploy(self, experiment_id: int, if_better: str | None) -> DeploymentAnswer:
        # What it is compared with.
        get.serving_models(self._container).refresh()
        return DeploymentAnswer.of(get.deploy(self._container).execute(experiment_id, if_better, user()))

    def rollback(self, task: str) -> DeploymentAnswer:
        return DeploymentAnswer.of(get.rollback(self._container).execute(task, user()))

    def deployments(self, task: str | None, limit: int) -> DeploymentsAnswer:
        if task is not None:
            ports.task_catalog(self._container).get(task)
        return DeploymentsAnswer.of(ports.deployment_log(self._container).history(task, limit))
