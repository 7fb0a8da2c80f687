"""Before an experiment is deployed: is it better than what serves?"""
from __future__ import annotations

from application.ports.artifact_store import ArtifactStore
from application.ports.experiment_log import ExperimentLog
from application.ports.model_runner import ModelLoader
from application.ports.task_catalog import TaskCatalog
from application.queries.held_out_scores import Model
from application.serving.loading import load_model
from application.use_cases.compare import Compare, Comparison
from domain.errors import Conflict
from domain.experiment import Experiment, Status


class CompareExperiment:
    """The metrics of a succeeded experiment beside those of what serves its task now, or of another succeeded one of
    its task, both measured on the held-out rows of the experiment's own dataset version, which neither of the two was
    trained on; where rows are parted by time, of the newer one of the two versions."""

    def __init__(self, log: ExperimentLog, tasks: TaskCatalog, artifacts: ArtifactStore, loader: ModelLoader,
                 compare: Compare) -> None:
        self._log, self._tasks, self._artifacts = log, tasks, artifacts
        self._loader, self._compare = loader, compare

    def execute(self, experiment_id: int, against: int | None = None) -> Comparison:
        """against: the other one; what serves, if None.

        Raises: UnknownExperiment, Conflict if one has not succeeded or is of another task, ModelRejected, ModelCrashed.
        """
        experiment = self._succeeded(experiment_id)
        task, candidate = self._tasks.get(experiment.task), self._model(experiment)
        if against is None:
            return self._compare.with_serving(task, *candidate, experiment.dataset_version)
        other = self._succeeded(against)
        if other.task != experiment.task:
            raise Conflict(f"experiment {other.id} is of the task {other.task}, experiment {experiment.id} of "
                           f"{experiment.task}; only those of one task can be compared")
        return self._compare.with_other(task, candidate, experiment.dataset_version, self._model(other),
                                        other.dataset_version)

    def _succeeded(self, experiment_id: int) -> Experiment:
        experiment = self._log.get(experiment_id)
        if experiment.status is not Status.SUCCEEDED:
            raise Conflict(f"experiment {experiment.id} is {experiment.status}; only a succeeded one can be compared")
        return experiment

    def _model(self, experiment: Experiment) -> Model:
        return experiment.id, load_model(self._artifacts, self._loader, experiment.id)
