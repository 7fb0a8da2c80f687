"""A service of several processes in this one: fakes wired as the container wires the real things."""
from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from adapters.catboost.card import CARD
from application.queries.held_out_scores import HeldOutScores
from application.queries.judged_models import JudgedModels
from application.serving.model_registry import ModelRegistry
from application.serving.serving_process import ServingProcess
from application.serving.takeover import Takeover
from application.training.known_trainers import KnownTrainers
from application.use_cases.admission import Admission, Terms
from application.use_cases.compare import Compare
from application.use_cases.deploy import Deploy
from application.use_cases.end_rollout import Abort, Promote
from application.use_cases.roll_out import RollOut, RolloutWish
from application.use_cases.rollback import Rollback
from domain.deployment import Deployment
from domain.provenance import model_path, stamp
from domain.rollout import RolloutRole
from domain.table import Table
from domain.task import Task
from tests.builders import TEMP, make_table, make_task, succeeded, with_days
from tests.fakes.artifact_store import InMemoryArtifactStore
from tests.fakes.clock import START, FixedClock
from tests.fakes.deployment_log import InMemoryDeploymentLog
from tests.fakes.experiment_log import InMemoryExperimentLog
from tests.fakes.feature_store import InMemoryFeatureStore
from tests.fakes.model_runner import LinearModelLoader, linear_model, with_probe
from tests.fakes.serving_fleet import InMemoryServingFleet
from tests.fakes.task_catalog import InMemoryTaskCatalog
from tests.fakes.trainer_cards import InMemoryTrainerCards


class BusyClock(FixedClock):
    """Whoever sleeps lets the others work."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[Callable[[], object]] = []

    def sleep(self, duration: timedelta) -> None:
        super().sleep(duration)
        for action in list(self.meanwhile):
            action()


def sound_model(task: Task, weights: Mapping[str, list[float]] | None = None, bias: list[float] | None = None) -> bytes:
    return with_probe(task, linear_model(task, weights, bias=bias), make_table(task, 8))


class Service:
    """The task `flights` with some data; processes start with `start`, and beat whenever somebody sleeps."""

    def __init__(self, task: Task | None = None) -> None:
        self.task = task or make_task()
        self.clock, self.tasks, self.loader = BusyClock(), InMemoryTaskCatalog(self.task), LinearModelLoader()
        self.log, self.artifacts = InMemoryExperimentLog(), InMemoryArtifactStore()
        self.deployments, self.fleet = InMemoryDeploymentLog(), InMemoryServingFleet()
        self.store = InMemoryFeatureStore(self.clock)
        self.store.append(self.task, [make_table(self.task, 240) if self.task.split.by_time is None else with_days(
            make_table(self.task, 240), "2010")])
        self.models, self.process = self.start()
        self.known_trainers = KnownTrainers([CARD], InMemoryTrainerCards(), self.clock)
        self.compare = Compare(HeldOutScores(self.store, JudgedModels(self.artifacts, self.loader)), self.models)
        self.takeover = Takeover(self.deployments, self.fleet, self.clock)
        admission = Admission(self.log, self.tasks, self.artifacts, self.loader, self.compare)
        self._deploy = Deploy(self.log, admission, self.takeover, self.clock)
        self._roll_out = RollOut(self.log, self.deployments, admission, self.takeover, self.clock)
        self._promote = Promote(self.tasks, self.takeover, self.clock)
        self._abort = Abort(self.tasks, self.takeover, self.clock)
        self._rollback = Rollback(self.deployments, self.tasks, self.artifacts, self.loader, self.takeover, self.clock)

    def start(self, artifacts: InMemoryArtifactStore | None = None) -> tuple[ModelRegistry, ServingProcess]:
        """One more process. artifacts: what it reads models from, if not what all do."""
        registry = ModelRegistry(self.deployments, self.tasks, artifacts or self.artifacts, self.loader, self.clock)
        process = ServingProcess(registry, self.fleet, self.clock)
        process.beat()
        self.clock.meanwhile.append(process.beat)
        return registry, process

    def hang(self, process: ServingProcess) -> None:
        self.clock.meanwhile.remove(process.beat)

    def train(self, model: bytes | None = None, **changes) -> int:
        """Returns: the id of a succeeded experiment with this model file; with a sound one if none is given."""
        experiment = self.log.add(replace(succeeded(self.task), **changes))
        model = sound_model(self.task) if model is None else model
        self.artifacts.put(model_path(experiment.id), io.BytesIO(model))
        return experiment.id

    def train_good(self, good: float, **changes) -> int:
        """good: the larger, the better the model; the target grows with the temperature."""
        return self.train(sound_model(self.task, {TEMP: [0.0, good]}, [0.0, -50 * good]), **changes)

    def deploy(self, experiment_id: int, if_better: str | None = None, threshold: float | None = None) -> Deployment:
        return self._deploy.execute(experiment_id, Terms(threshold, if_better))

    def roll_out(self, experiment_id: int, role: RolloutRole = RolloutRole.CANARY, share: float | None = 0.5,
                 by: str | None = None, threshold: float | None = None, if_better: str | None = None) -> Deployment:
        return self._roll_out.execute(experiment_id, RolloutWish(role, share, by), Terms(threshold, if_better))

    def promote(self) -> Deployment:
        return self._promote.execute(self.task.name)

    def abort(self) -> Deployment:
        return self._abort.execute(self.task.name)

    def roll_back(self) -> Deployment:
        return self._rollback.execute(self.task.name)

    @property
    def serving(self) -> int:
        """The experiment that the first process answers with."""
        self.process.beat()
        return self.models.current(self.task.name).experiment_id

    def rows(self) -> Table:
        return make_table(self.task, 8)


def stamped(task: Task, model: bytes, experiment_id: int) -> bytes:
    experiment = succeeded(task, id=experiment_id)
    return LinearModelLoader().stamp(model, stamp(experiment, experiment.metrics, START))
