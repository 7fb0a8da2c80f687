"""The loaded models of one process, kept in step with the deployments."""
from __future__ import annotations

import threading
from collections.abc import Mapping

from application.ports.artifact_store import ArtifactStore
from application.ports.deployment_log import DeploymentLog
from application.ports.model_runner import ModelLoader, ModelRunner
from application.ports.serving_models import ServedModel, ServingModels
from application.ports.task_catalog import TaskCatalog
from domain.deployment import Deployment
from domain.errors import NothingDeployed
from domain.provenance import model_path


class ModelRegistry(ServingModels):
    """A request takes its model out of an immutable mapping; a deployment swaps the whole mapping, so that no request
    sees half of one and those in flight end with the model they began with."""

    def __init__(self, deployments: DeploymentLog, tasks: TaskCatalog, artifacts: ArtifactStore,
                 loader: ModelLoader) -> None:
        self._deployments, self._tasks, self._artifacts, self._loader = deployments, tasks, artifacts, loader
        self._served: Mapping[str, ServedModel] = {}
        self._refreshing = threading.Lock()

    def current(self, task_name: str) -> ServedModel:
        served = self._served.get(task_name)
        if served is None:
            self._tasks.get(task_name)
            raise NothingDeployed(f"no experiment of the task {task_name} is deployed")
        return served

    def any_served(self) -> bool:
        return bool(self._served)

    def refresh(self) -> Mapping[str, ServedModel]:
        """Loads what was deployed since the last call and swaps it in. What cannot be loaded leaves the old one.

        Returns: what serves now. Raises: ModelRejected, UnknownArtifact, after everything else was swapped in.
        """
        with self._refreshing:
            served, failures = dict(self._served), []
            for deployment in self._deployments.current_all():
                before = served.get(deployment.task)
                if before is None or before.generation != deployment.generation:
                    try:
                        served[deployment.task] = self._load(deployment, before)
                    except Exception as failure:  # one task's broken file must not keep the others from being swapped
                        failures.append(failure)
            self._served = served
            if failures:
                raise failures[0]
            return served

    def _load(self, deployment: Deployment, before: ServedModel | None) -> ServedModel:
        return ServedModel(self._tasks.get(deployment.task), deployment.experiment_id, deployment.generation,
                           self._runner(deployment, before))

    def _runner(self, deployment: Deployment, before: ServedModel | None) -> ModelRunner:
        if before is not None and before.experiment_id == deployment.experiment_id:
            return before.runner
        return self._loader.load(self._artifacts.read(model_path(deployment.experiment_id)))
