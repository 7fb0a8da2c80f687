"""An experiment goes into service."""
from __future__ import annotations

from application.ports.artifact_store import ArtifactStore
from application.ports.clock import Clock
from application.ports.deployment_log import DeploymentLog
from application.ports.experiment_log import ExperimentLog
from application.ports.model_runner import ModelLoader
from application.ports.task_catalog import TaskCatalog
from domain.deployment import Deployment
from domain.errors import Conflict
from domain.experiment import Experiment, Status
from domain.provenance import model_path


class Deploy:
    """Puts a succeeded experiment into service, if its model file proves fit: it loads, its signature is the task's and
    it answers. Otherwise what serves goes on serving."""

    def __init__(self, log: ExperimentLog, tasks: TaskCatalog, artifacts: ArtifactStore, loader: ModelLoader,
                 deployments: DeploymentLog, clock: Clock) -> None:
        self._log, self._tasks, self._artifacts = log, tasks, artifacts
        self._loader, self._deployments, self._clock = loader, deployments, clock

    def execute(self, experiment_id: int) -> Deployment:
        """Raises: UnknownExperiment, Conflict if it has not succeeded, ModelRejected."""
        experiment = self._log.get(experiment_id)
        if experiment.status is not Status.SUCCEEDED:
            raise Conflict(f"experiment {experiment.id} is {experiment.status}; only a succeeded one can be deployed")
        self._loader.load(self._artifacts.read(model_path(experiment.id)))
        return self._deployments.append(experiment.task, lambda history: self._next(experiment, history))

    def _next(self, experiment: Experiment, history) -> Deployment:
        last = history[0] if history else None
        return Deployment(experiment.task, experiment.id, last.experiment_id if last else None,
                          (last.generation if last else 0) + 1, self._clock.now())
