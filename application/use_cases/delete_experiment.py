"""An experiment that nobody needs any more."""
from __future__ import annotations

from application.ports.artifact_remover import ArtifactRemover
from application.ports.clock import Clock
from application.ports.deployment_log import DeploymentLog
from application.ports.experiment_log import ExperimentLog
from application.ports.history import History
from application.ports.pipeline_runner import PipelineRunner
from domain.errors import Conflict
from domain.experiment import Experiment
from domain.history import Act, Entry
from domain.provenance import experiment_folder


class DeleteExperiment:
    """Removes an experiment with its model, plots and log. One that serves its task stays, and so does one that waits
    or runs; its answers stay in the prediction log, and its deployments in their history. Its number is never given
    again.
    """

    def __init__(self, log: ExperimentLog, deployments: DeploymentLog, artifacts: ArtifactRemover,
                 pipeline: PipelineRunner, history: History, clock: Clock) -> None:
        self._log, self._deployments, self._artifacts = log, deployments, artifacts
        self._pipeline, self._history, self._clock = pipeline, history, clock

    def execute(self, experiment_id: int, by: str | None = None) -> Experiment:
        """Returns: what it was. Raises: UnknownExperiment, Conflict."""
        removed = self._log.remove(experiment_id, self._check)
        self._artifacts.remove(experiment_folder(experiment_id))
        self._pipeline.release(experiment_id)
        self._history.add(Entry(self._clock.now(), Act.EXPERIMENT_DELETED, removed.task, by, {
            "experiment_id": removed.id, "name": removed.name, "status": str(removed.status),
            "dataset_version": removed.dataset_version, "schema_version": removed.schema_version}))
        return removed

    def _check(self, experiment: Experiment) -> None:
        if not experiment.status.is_final:
            raise Conflict(f"experiment {experiment.id} is {experiment.status}; cancel it first")
        current = self._deployments.current(experiment.task)
        if current is not None and current.experiment_id == experiment.id:
            raise Conflict(f"experiment {experiment.id} serves the task {experiment.task}; deploy another one first")
        if current is not None and current.rollout is not None and current.rollout.experiment_id == experiment.id:
            raise Conflict(f"experiment {experiment.id} is the {current.rollout.role} of the task {experiment.task}; "
                           "abort the rollout first")
