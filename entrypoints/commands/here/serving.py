from __future__ import annotations

from application.use_cases.admission import Terms
from application.use_cases.roll_out import RolloutWish
from entrypoints.answers.deployments import DeploymentAnswer, DeploymentsAnswer
from entrypoints.answers.rollouts import RolloutAnswer, RolloutsAnswer
from entrypoints.commands.abilities.serving import Serving
from entrypoints.commands.here.of_home import OfHome
from entrypoints.commands.shell import user
from entrypoints.wiring import get, ports


class ServingHere(OfHome, Serving):
    def deploy(self, experiment_id: int, terms: Terms) -> DeploymentAnswer:
        self._know_what_serves()
        return DeploymentAnswer.of(get.deploy(self._container).execute(experiment_id, terms, user()))

    def roll_out(self, experiment_id: int, wish: RolloutWish, terms: Terms) -> RolloutAnswer:
        self._know_what_serves()
        return RolloutAnswer.of(get.roll_out(self._container).execute(experiment_id, wish, terms, user()))

    def _know_what_serves(self) -> None:
        """What it is compared with."""
        get.serving_models(self._container).refresh()

    def rollouts(self, task: str | None) -> RolloutsAnswer:
        return RolloutsAnswer.of(get.how_rollouts_go(self._container).execute(task))

    def promote(self, task: str) -> DeploymentAnswer:
        return DeploymentAnswer.of(get.promote_rollout(self._container).execute(task, user()))

    def abort(self, task: str) -> DeploymentAnswer:
        return DeploymentAnswer.of(get.abort_rollout(self._container).execute(task, user()))

    def rollback(self, task: str) -> DeploymentAnswer:
        return DeploymentAnswer.of(get.rollback(self._container).execute(task, user()))

    def deployments(self, task: str | None, limit: int) -> DeploymentsAnswer:
        if task is not None:
            ports.task_catalog(self._container).get(task)
        return DeploymentsAnswer.of(ports.deployment_log(self._container).history(task, limit))
