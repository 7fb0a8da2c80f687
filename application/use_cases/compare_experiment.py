"""Before an experiment is deployed: is it better than what serves?"""
from __future__ import annotations

from application.ports.artifact_store import ArtifactStore
from application.ports.experiment_log import ExperimentLog
from application.ports.model_runner import ModelLoader
from application.ports.task_catalog import TaskCatalog
from application.serving.loading import load_model
from application.use_cases.compare import Compare, Comparison
from domain.errors import Conflict
from domain.experiment import Status


class CompareExperiment:
    """The metrics of a succeeded experiment beside those of what serves its task now, both measured on the
    held-out rows of the experiment's own dataset version, which neither of the two was trained on; where rows are
    parted by time, of the newer one of the two versions."""

    def __init__(self, log: ExperimentLog, tasks: TaskCatalog, artifacts: ArtifactStore, loader: ModelLoader,
                 compare: Compare) -> None:
        self._log, self._tasks, self._artifacts = log, tasks, artifacts
        self._loader, self._compare = loader, compare

    def execute(self, experiment_id: int) -> Comparison:
        """Raises: UnknownExperiment, Conflict if it has not succeeded, ModelRejected, ModelCrashed."""
        experiment = self._log.get(experiment_id)
        if experiment.status is not Status.SUCCEEDED:
            raise Conflict(f"experiment {experiment.id} is {experiment.status}; only a succeeded one can be compared")
        task = self._tasks.get(experiment.task)
        runner = load_model(self._artifacts, self._loader, experiment.id)
        return self._compare.with_serving(task, experiment.id, runner, experiment.dataset_version)
