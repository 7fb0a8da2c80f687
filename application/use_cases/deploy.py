"""An experiment goes into service."""
from __future__ import annotations

from collections.abc import Sequence

from application.ports.artifact_store import ArtifactStore
from application.ports.clock import Clock
from application.ports.experiment_log import ExperimentLog
from application.ports.model_runner import ModelLoader, ModelRunner
from application.ports.task_catalog import TaskCatalog
from application.serving.fitness import check_fitness
from application.serving.loading import load_model
from application.serving.takeover import Takeover, following
from application.serving.trained_task import trained_task
from application.use_cases.compare import Compare
from domain.deployment import Deployment
from domain.errors import Conflict, InvalidInput, NotBetter
from domain.experiment import Experiment, Status
from domain.scoring import is_better
from domain.task import Task


class Deploy:
    """Puts a succeeded experiment into service.

    First its model file has to prove fit: it loads, its signature is the task's, and it answers its probe as the
    trained model did. Then every process that serves takes it over; requests in flight end with the model they began
    with. When this has answered, no later answer comes from an older model. Whatever fails leaves what serves serving.

    With `if_better` the experiment has to beat what serves by that metric, on the held-out rows of its own dataset
    version (by time, of the newer one of both), which neither of the two was trained on.
    """

    def __init__(self, log: ExperimentLog, tasks: TaskCatalog, artifacts: ArtifactStore, loader: ModelLoader,
                 takeover: Takeover, compare: Compare, clock: Clock) -> None:
        self._log, self._tasks, self._artifacts, self._loader = log, tasks, artifacts, loader
        self._takeover, self._compare, self._clock = takeover, compare, clock

    def execute(self, experiment_id: int, if_better: str | None = None, deployed_by: str | None = None) -> Deployment:
        """Raises: UnknownExperiment, Conflict if it has not succeeded, ModelRejected, NotBetter, RolloutFailed,
        InvalidInput for an unknown metric."""
        experiment = self._log.get(experiment_id)
        if experiment.status is not Status.SUCCEEDED:
            raise Conflict(f"experiment {experiment.id} is {experiment.status}; only a succeeded one can be deployed")
        task = self._tasks.get(experiment.task)
        if if_better is not None:
            _check_metric(task, if_better)
        runner = self._load(experiment)
        if if_better is not None:
            self._require_better(task, experiment, runner, if_better)
        return self._takeover.execute(task.name, lambda history: self._next(experiment, history, deployed_by))

    def _next(self, experiment: Experiment, history: Sequence[Deployment], deployed_by: str | None) -> Deployment:
        # It may have been deleted since; then there is nothing to deploy.
        self._log.get(experiment.id)
        return following(experiment.task, experiment.id, history, self._clock, "deploy", deployed_by)

    def _load(self, experiment: Experiment) -> ModelRunner:
        runner = load_model(self._artifacts, self._loader, experiment.id)
        check_fitness(trained_task(self._tasks, experiment.task, runner.card), runner)
        return runner

    def _require_better(self, task: Task, experiment: Experiment, runner: ModelRunner, metric: str) -> None:
        compared = self._compare.with_serving(task, experiment.id, runner, experiment.dataset_version)
        if compared.serving is None:
            return
        if metric not in compared.candidate or metric not in compared.serving:
            raise InvalidInput(f"{metric} has no value on the held-out rows of dataset version "
                               f"{compared.dataset_version}")
        new, old = compared.candidate[metric], compared.serving[metric]
        if not is_better(metric, new, old):
            raise NotBetter(f"experiment {experiment.id} is not better: {metric} {new:.6g} against {old:.6g} of "
                            f"experiment {compared.serving_experiment_id}, both on dataset version "
                            f"{compared.dataset_version}")


def _check_metric(task: Task, metric: str) -> None:
    """Before anything is read: the name alone tells."""
    if metric not in task.rules.metrics:
        raise InvalidInput(f"{metric} is no metric of this task; known are {', '.join(task.rules.metrics)}")
