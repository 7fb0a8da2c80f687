"""A first model to look at, on a machine that has none."""
from __future__ import annotations

from application.ports.deployment_log import DeploymentLog
from application.ports.experiment_log import ExperimentLog
from application.use_cases.add_demo_data import AddDemoData
from application.use_cases.deploy import Deploy
from application.use_cases.retrain import Retrain, RetrainRequest
from domain.deployment import Deployment
from domain.errors import ExperimentFailed
from domain.experiment import Status
from domain.task import Task


class PrepareDemo:
    """Gives a demo task its data, a first experiment and its deployment, each only if it has none yet."""

    def __init__(self, add_demo_data: AddDemoData, log: ExperimentLog, retrain: Retrain, deploy: Deploy,
                 deployments: DeploymentLog) -> None:
        self._add_demo_data, self._log = add_demo_data, log
        self._retrain, self._deploy, self._deployments = retrain, deploy, deployments

    def execute(self, task: Task) -> Deployment:
        """`retrain` runs on an executor that has ended the experiment when it returns.

        Raises: DemoUnavailable, ExperimentFailed with the reason.
        """
        if current := self._deployments.current(task.name):
            return current
        self._add_demo_data.execute(task)
        succeeded = self._log.list(task=task.name, statuses={Status.SUCCEEDED}, limit=1)
        experiment = succeeded[0] if succeeded else self._log.get(self._retrain.execute(RetrainRequest(task.name)).id)
        if experiment.status is not Status.SUCCEEDED:
            raise ExperimentFailed(f"the demo training of {task.name} {experiment.status}: {experiment.error}")
        return self._deploy.execute(experiment.id)
