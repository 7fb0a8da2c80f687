"""The service over fakes, spoken to as a client would."""
from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from starlette.testclient import TestClient

from application.ports.clock import Clock
from application.ports.prediction_log import AnsweredRows
from domain.deployment import Deployment
from domain.experiment import Experiment
from domain.kinds.kind import Problem
from domain.provenance import model_path, stamp
from domain.task import Task
from entrypoints.http import tls
from entrypoints.http.app import create_app
from entrypoints.settings import Settings
from entrypoints.wiring.container import Container, make_container
from tests.builders import CARRIER, make_table, make_task, succeeded
from tests.certificates import Certificates
from tests.fakes.answers_beside import InMemoryAnswersBeside
from tests.fakes.artifact_remover import InMemoryArtifactRemover
from tests.fakes.artifact_store import InMemoryArtifactStore
from tests.fakes.clock import START, FixedClock
from tests.fakes.data_keeper import InMemoryDataKeeper
from tests.fakes.deployment_log import InMemoryDeploymentLog
from tests.fakes.experiment_log import InMemoryExperimentLog
from tests.fakes.feature_store import InMemoryFeatureStore
from tests.fakes.history import InMemoryHistory
from tests.fakes.kept_answers import InMemoryKeptAnswers
from tests.fakes.keyring import InMemoryKeyring
from tests.fakes.late_labels import InMemoryLateLabels
from tests.fakes.model_runner import LinearModelLoader, linear_model, with_probe
from tests.fakes.observation_store import InMemoryObservationStore
from tests.fakes.prediction_store import InMemoryPredictionStore
from tests.fakes.serving_fleet import InMemoryServingFleet
from tests.fakes.storage import InMemoryStorage
from tests.fakes.task_catalog import InMemoryTaskCatalog
from tests.fakes.task_traces import InMemoryTaskTraces
from tests.fakes.traffic_log import InMemoryTrafficLog
from tests.fakes.trainer_cards import InMemoryTrainerCards
from tests.http.connections import App, Short
from tests.http.sockets import PATIENCE_S, at_socket


@dataclass
class Service:
    container: Container
    client: TestClient
    storage: InMemoryStorage
    tasks: InMemoryTaskCatalog
    experiments: InMemoryExperimentLog
    deployments: InMemoryDeploymentLog
    artifacts: InMemoryArtifactStore
    store: InMemoryFeatureStore
    labels: InMemoryLateLabels
    served: dict[str, Experiment] = field(default_factory=dict)

    def serve(self, task: Task) -> Experiment:
        """Adds a task, a succeeded experiment and its deployment, and waits until it answers."""
        self.tasks.add(task)
        experiment = self.experiments.add(succeeded(task, {"test": {"auc": 0.75}}))
        bias = [0.25, 0.0, 0.0] if task.problem is Problem.MULTICLASS else None
        model = linear_model(task, codes={CARRIER: {"UA": [0.0] * (max(len(task.labels), 1) - 1) + [0.5]}}, bias=bias)
        model = with_probe(task, model, make_table(task, 8))
        stamped = LinearModelLoader().stamp(model, stamp(experiment, experiment.metrics, START))
        self.artifacts.put(model_path(experiment.id), io.BytesIO(stamped))
        self.deployments.append(task.name, lambda history: Deployment(
            task.name, experiment.id, history[0].experiment_id if history else None, len(history) + 1, START))
        self.container.serving_process().beat()
        self.served[task.name] = experiment
        return experiment


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path, commit_hash="abc", refresh_s=0.01)


@pytest.fixture
def framework(service: Service) -> TestClient:
    """Of the same service, past the short way of a row."""
    return TestClient(create_app(service.container).framework, raise_server_exceptions=False)


@pytest.fixture
def kept(service: Service, monkeypatch: pytest.MonkeyPatch) -> list[AnsweredRows]:
    """What the prediction log was given; it may be emptied."""
    found: list[AnsweredRows] = []
    log = service.container.prediction_log()
    append = log.append
    monkeypatch.setattr(log, "append", lambda *answers: (found.extend(answers), append(*answers)))
    return found


@pytest.fixture
def clock() -> Clock:
    return FixedClock()


@pytest.fixture
def empty(settings, clock) -> Iterator[Service]:
    """Nothing is deployed and no task is known."""
    container, storage = make_container(settings), InMemoryStorage()
    tasks, experiments = InMemoryTaskCatalog(), InMemoryExperimentLog()
    deployments, artifacts = InMemoryDeploymentLog(), InMemoryArtifactStore()
    store, labels = InMemoryFeatureStore(clock), InMemoryLateLabels()
    predictions, observations = InMemoryPredictionStore(labels), InMemoryObservationStore()
    traffic = InMemoryTrafficLog()
    for provider, fake in (
        (container.clock, clock), (container.storage, storage), (container.task_catalog, tasks),
        (container.experiment_log, experiments), (container.deployment_log, deployments),
        (container.artifact_store, artifacts), (container.model_loader, LinearModelLoader()),
        (container.feature_store, store), (container.late_labels, labels),
        (container.serving_fleet, InMemoryServingFleet()),
        (container.prediction_store, predictions), (container.answers_beside, InMemoryAnswersBeside(predictions)),
        (container.observation_store, observations),
        (container.traffic_log, traffic), (container.history, InMemoryHistory()),
        (container.keyring, InMemoryKeyring()), (container.kept_answers, InMemoryKeptAnswers()),
        (container.trainer_cards, InMemoryTrainerCards()),
        (container.artifact_remover, InMemoryArtifactRemover(artifacts)),
        (container.data_keeper, InMemoryDataKeeper(store)),
        (container.task_traces, InMemoryTaskTraces(predictions, labels, observations, traffic)),
    ):
        provider.override(fake)
    if isinstance(clock, FixedClock):
        # Who waits for the process that serves would call it dead before it has had its turn.
        clock.while_asleep = container.serving_process().beat
    with TestClient(create_app(container), raise_server_exceptions=False) as client:
        yield Service(container, client, storage, tasks, experiments, deployments, artifacts, store, labels)


@pytest.fixture
def service(empty) -> Service:
    """The task `flights` is served."""
    empty.serve(make_task())
    return empty


@pytest.fixture(scope="session")
def certificates(tmp_path_factory) -> Certificates:
    return Certificates.made(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=["uvloop", "asyncio", "tls"])
def how(request, certificates) -> dict:
    if request.param != "tls":
        return {"loop": request.param}
    return tls.of_server(Settings(**certificates.settings()))


@pytest.fixture
def app(how) -> Iterator[tuple[App, int]]:
    app = App()
    with at_socket(app, Short, **how) as port:
        yield app, port


@pytest.fixture
def opened(app, how, certificates) -> Iterator:
    _, port = app
    made = []

    def connect() -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        made.append(plain if len(how) == 1 else certificates.client().wrap_socket(plain, server_hostname="localhost"))
        return made[-1]
    yield connect
    for each in made:
        each.close()
