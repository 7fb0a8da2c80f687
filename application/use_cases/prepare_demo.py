"""A first model to look at, on a machine that has none."""
from __future__ import annotations

from application.ports.demo_data import DemoData
from application.ports.deployment_log import DeploymentLog
from application.ports.experiment_log import ExperimentLog
from application.ports.feature_store import FeatureStore
from application.ports.task_catalog import TaskCatalog
from application.use_cases.deploy import Deploy
from application.use_cases.retrain import Retrain, RetrainRequest
from domain.deployment import Deployment
from domain.errors import ExperimentFailed
from domain.experiment import Status
from domain.task import Task


class PrepareDemo:
    """Gives a demo task its data, a first experiment and its deployment, each only if it has none yet."""

    def __init__(self, tasks: TaskCatalog, store: FeatureStore, demo: DemoData, log: ExperimentLog, retrain: Retrain,
                 deploy: Deploy, deployments: DeploymentLog) -> None:
        self._tasks, self._store, self._demo, self._log = tasks, store, demo, log
        self._retrain, self._deploy, self._deployments = retrain, deploy, deployments

    def execute(self, task: Task) -> Deployment:
        """`retrain` runs on an executor that has ended the experiment when it returns.

        Raises: DemoUnavailable, ExperimentFailed with the reason.
        """
        if current := self._deployments.current(task.name):
            return current
        self.add_data(task)
        succeeded = self._log.list(task=task.name, statuses={Status.SUCCEEDED}, limit=1)
        experiment = succeeded[0] if succeeded else self._log.get(self._retrain.execute(RetrainRequest(task.name)).id)
        if experiment.status is not Status.SUCCEEDED:
            raise ExperimentFailed(f"the demo training of {task.name} {experiment.status}: {experiment.error}")
        return self._deploy.execute(experiment.id)

    def add_data(self, task: Task) -> None:
        """The first batch alone: what comes after it in time is for the user to add."""
        self._tasks.add(task)
        if not self._store.versions(task.name):
            _, first = next(self._demo.batches(task))
            self._store.append(task, [first])
