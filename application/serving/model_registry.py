"""The loaded models of one process, kept in step with the deployments."""
from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from application.decorators.threshold import at_threshold
from application.ports.artifact_store import ArtifactStore
from application.ports.clock import Clock
from application.ports.deployment_log import DeploymentLog
from application.ports.model_runner import ModelLoader
from application.ports.serving_fleet import TakeoverFailure
from application.ports.serving_models import Candidate, Refreshed, ServedModel, ServingModels
from application.ports.task_catalog import TaskCatalog
from application.serving.attempts import Attempts
from application.serving.fitness import check_fitness
from application.serving.loading import load_model
from application.serving.trained_task import trained_task
from domain.deployment import Deployment
from domain.errors import NothingDeployed
from domain.task import Task
from domain.task_changes import as_trained

# For so long a process may answer without having looked at the deployments. Whoever deploys waits longer than this
# before he takes a silent process for dead.
LEASE = timedelta(seconds=2)
_CATCH_UP_S = 0.25


class ModelRegistry(ServingModels):
    """A request takes its model out of an immutable mapping; a deployment swaps the whole mapping, so that no request
    sees half of one and those in flight end with the model they began with."""

    def __init__(self, deployments: DeploymentLog, tasks: TaskCatalog, artifacts: ArtifactStore, loader: ModelLoader,
                 clock: Clock) -> None:
        self._deployments, self._tasks, self._artifacts = deployments, tasks, artifacts
        self._loader, self._clock, self._attempts = loader, clock, Attempts(clock)
        self._served: Mapping[str, ServedModel] = {}
        self._failures: Mapping[str, TakeoverFailure] = {}
        self._looked_at: datetime | None = None
        self._waited_at: datetime | None = None
        self._refreshing, self._refreshed = threading.Lock(), threading.Condition()

    def current(self, task_name: str) -> ServedModel:
        if self._looked_at is not None and not _is_within_lease(self._looked_at, self._clock.now()):
            self._catch_up()
        served = self._served.get(task_name)
        if served is None:
            self._tasks.get(task_name)
            raise NothingDeployed(f"no experiment of the task {task_name} is deployed")
        return served

    def all_served(self) -> Sequence[ServedModel]:
        served = self._served
        return [served[name] for name in sorted(served)]

    def failures(self) -> Mapping[str, TakeoverFailure]:
        return self._failures

    def refresh(self) -> Refreshed:
        with self._refreshing:
            looked_at, served, failures = self._clock.now(), {}, {}
            # Read here, in the background, so that no request has to.
            tasks = self._tasks.all(fresh=True)
            deployments, newest = self._deployments.current_all(), {task.name: task for task in tasks}
            for deployment in deployments:
                before = self._served.get(deployment.task)
                if before is not None:
                    served[deployment.task] = _in_step(before, newest.get(deployment.task))
                if before is None or before.generation != deployment.generation:
                    if failure := self._take_over(deployment, served):
                        failures[deployment.task] = failure
            self._served, self._failures = served, failures
            with self._refreshed:
                self._looked_at = looked_at
                self._refreshed.notify_all()
            return Refreshed(served, failures)

    def _take_over(self, deployment: Deployment, served: dict[str, ServedModel]) -> TakeoverFailure | None:
        """Puts the deployment's model into `served`, or says why that cannot be."""
        if too_early := self._attempts.too_early(deployment):
            return too_early
        try:
            served[deployment.task] = self._load(deployment, served.get(deployment.task))
        except Exception as failure:  # one broken file must not keep the other tasks from being swapped
            if deployment.task not in served and deployment.rollout is not None:
                with suppress(Exception):
                    served[deployment.task] = self._without_candidate(deployment)
            return self._attempts.failed(deployment, str(failure))
        return None

    def _without_candidate(self, deployment: Deployment) -> ServedModel:
        """What serves, in a process that begins while the candidate beside it is broken; of no generation, so that the
        deployment counts as not taken over."""
        return replace(self._load(replace(deployment, rollout=None), None), generation=0)

    def _load(self, deployment: Deployment, before: ServedModel | None) -> ServedModel:
        loaded = {} if before is None else _models_in(before)
        serves = self._model(deployment, deployment.experiment_id, deployment.threshold, loaded)
        if (rollout := deployment.rollout) is None:
            return serves
        candidate = self._model(deployment, rollout.experiment_id, rollout.threshold, loaded)
        return replace(serves, candidate=Candidate(rollout, candidate))

    def _model(self, deployment: Deployment, experiment_id: int, threshold: float | None,
               loaded: Mapping[int, ServedModel]) -> ServedModel:
        """loaded: those that are there already, by experiment."""
        if (known := loaded.get(experiment_id)) is not None:
            return replace(known, generation=deployment.generation, candidate=None,
                           runner=at_threshold(known.runner, threshold))
        runner = load_model(self._artifacts, self._loader, experiment_id)
        task = trained_task(self._tasks, deployment.task, runner.card)
        check_fitness(task, runner)
        return ServedModel(task, experiment_id, deployment.generation, at_threshold(runner, threshold))

    def _catch_up(self) -> None:
        """This process slept, or the database is away. In the first case the next look at the deployments is near and
        worth waiting for; in the second it is not, and once a wait was in vain nobody waits again within the lease."""
        now = self._clock.now()
        if self._waited_at is not None and _is_within_lease(self._waited_at, now):
            return
        with self._refreshed:
            looked = self._refreshed.wait_for(lambda: self._looked_at and self._looked_at >= now, _CATCH_UP_S)
        if not looked:
            self._waited_at = now


def _is_within_lease(since: datetime, now: datetime) -> bool:
    """A clock that was set back says nothing about how long ago it was."""
    return timedelta(0) <= now - since <= LEASE


def _models_in(served: ServedModel) -> Mapping[int, ServedModel]:
    """By experiment."""
    models = [served] if served.candidate is None else [served.candidate.model, served]
    return {model.experiment_id: model for model in models}


def _in_step(served: ServedModel, newest: Task | None) -> ServedModel:
    """With what was changed of the task since. A model that the next look takes out of service stays as it is."""
    if newest is None:
        return served
    if served.candidate is not None:
        model = _in_step(served.candidate.model, newest)
        if model is not served.candidate.model:
            served = replace(served, candidate=replace(served.candidate, model=model))
    if newest.schema_version == served.task.schema_version:
        return served
    return replace(served, task=as_trained(newest, served.task))
