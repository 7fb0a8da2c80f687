"""Back to the model before."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from application.ports.artifact_store import ArtifactStore, UnknownArtifact
from application.ports.clock import Clock
from application.ports.deployment_log import DeploymentLog
from application.ports.model_runner import ModelLoader, ModelRunner
from application.ports.task_catalog import TaskCatalog
from application.serving.fitness import check_fitness
from application.serving.loading import load_model
from application.serving.takeover import Takeover, following
from application.serving.trained_task import trained_task
from domain.deployment import ROLLBACK, Deployment, before_current
from domain.errors import Conflict


class Rollback:
    """Puts the experiment that served before the present one into service again, with the threshold that it had. A
    rollout that goes on ends. Rolling back once more goes further back, as undo does, until there is nothing before."""

    def __init__(self, deployments: DeploymentLog, tasks: TaskCatalog, artifacts: ArtifactStore, loader: ModelLoader,
                 takeover: Takeover, clock: Clock) -> None:
        self._deployments, self._tasks, self._artifacts = deployments, tasks, artifacts
        self._loader, self._takeover, self._clock = loader, takeover, clock

    def execute(self, task_name: str, deployed_by: str | None = None) -> Deployment:
        """Raises: UnknownTask, Conflict if nothing served before, ModelRejected, RolloutFailed."""
        self._tasks.get(task_name)
        target = self._target(task_name, self._deployments.history(task_name, limit=1_000))
        runner = self._load(target.experiment_id)
        check_fitness(trained_task(self._tasks, task_name, runner.card), runner)
        return self._takeover.execute(task_name, lambda history: self._next(
            task_name, target, history, deployed_by))

    def _load(self, target: int) -> ModelRunner:
        try:
            return load_model(self._artifacts, self._loader, target)
        except UnknownArtifact as failure:
            raise Conflict(f"experiment {target}, which served before, was deleted; deploy another one") from failure

    def _next(self, task_name: str, target: Deployment, history: Sequence[Deployment],
              deployed_by: str | None) -> Deployment:
        if not self._target(task_name, history).serves_as(target):
            raise Conflict(f"the task {task_name} was deployed by somebody else meanwhile")
        return replace(following(task_name, target.experiment_id, history, self._clock, ROLLBACK, deployed_by),
                       threshold=target.threshold)

    @staticmethod
    def _target(task_name: str, history: Sequence[Deployment]) -> Deployment:
        if (target := before_current(history)) is None:
            raise Conflict(f"the task {task_name} has no earlier deployment to go back to")
        return target
