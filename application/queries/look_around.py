"""The state of the service at this moment."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from application.ports.deployment_log import DeploymentLog
from application.ports.experiment_log import ExperimentLog
from application.ports.observation_store import ObservationStore
from domain.deployment import Deployment, begun_with
from domain.experiment import Status
from domain.observation import ObservedModel

# No more candidates will have come and gone beside one model.
_LOOKED_BACK = 100


@dataclass(frozen=True, slots=True)
class ModelState:
    """deployed_at: when it began to serve, whatever candidate came beside it since. observed: None until it has been
    looked at. promised: the metrics on the rows held out in training."""

    deployment: Deployment
    deployed_at: datetime
    commit_hash: str
    promised: Mapping[str, float]
    observed: ObservedModel | None


@dataclass(frozen=True, slots=True)
class ServiceState:
    """progress: (task, experiment) -> 0..1 of those that run or wait. failed_at: task -> when a training failed
    last."""

    models: Sequence[ModelState] = ()
    progress: Mapping[tuple[str, int], float] = field(default_factory=dict)
    failed_at: Mapping[str, datetime] = field(default_factory=dict)


class LookAround:
    """Tells of each task what serves it, what was seen of it last, what trains for it and when a training failed. What
    was seen of an earlier experiment says nothing about the one that serves now and is left out."""

    def __init__(self, deployments: DeploymentLog, experiments: ExperimentLog, observations: ObservationStore) -> None:
        self._deployments, self._experiments, self._observations = deployments, experiments, observations

    def execute(self) -> ServiceState:
        deployments = self._deployments.current_all()
        observed = {(model.task, model.experiment_id): model for model in self._observations.all()}
        running = self._experiments.list(statuses={Status.QUEUED, Status.RUNNING}, limit=100)
        failed = {deployment.task: self._experiments.list(task=deployment.task, statuses={Status.FAILED}, limit=1)
                  for deployment in deployments}
        return ServiceState(
            [self._model(deployment, observed.get((deployment.task, deployment.experiment_id)))
             for deployment in deployments],
            {(experiment.task, experiment.id): experiment.progress.share for experiment in running},
            {task: found[0].finished_at for task, found in failed.items() if found and found[0].finished_at})

    def _model(self, deployment: Deployment, observed: ObservedModel | None) -> ModelState:
        experiment = self._experiments.get(deployment.experiment_id)
        # Of most of them the entry itself tells, and a scrape asks of every task.
        known = self._deployments.history(deployment.task, _LOOKED_BACK) if deployment.goes_on else []
        begun = begun_with(known or [deployment])
        return ModelState(
            deployment, begun.created_at, experiment.commit_hash, experiment.metrics.get("test", {}), observed)
