"""A HOME with a small task in it, its data and some succeeded experiments, made without the service."""
from __future__ import annotations

import io
from pathlib import Path

from adapters.pyarrow.csv_codec import PyarrowCsvCodec
from application.use_cases.train_model import TrainModel
from domain.deployment import Deployment
from domain.experiment import Experiment
from domain.provenance import model_path, stamp
from domain.task import Task
from entrypoints.settings import Settings
from entrypoints.wiring.container import Container, make_container
from entrypoints.wiring.stages.training import wire
from tests.builders import make_parts, make_table, make_task

TASK = make_task(name="small")


def put_small_task(home: Path, experiments: int = 1, rows: int = 600, **settings: str) -> Container:
    """The task `small` with dataset version 1 and succeeded experiments 1 to n of one real model; 1 is deployed."""
    container = make_container(Settings(home=home, **settings))
    container.storage().migrate()
    container.task_catalog().add(TASK)
    container.feature_store().append(TASK, [make_table(TASK, rows)])
    model, metrics = train(container, TASK, home / "events")
    for _ in range(experiments):
        put_experiment(container, TASK, model, metrics)
    now = container.clock().now()
    container.deployment_log().append(TASK.name, lambda _: Deployment(TASK.name, 1, None, 1, now))
    return container


def train(container: Container, task: Task, events: Path) -> tuple[bytes, dict]:
    wired = wire(container.settings())
    training = TrainModel(wired.trainers.get(task.training.trainer), wired.loader)
    trained = training.execute(task, make_parts(task, 600), events, lambda *_: None)
    return trained.model, dict(trained.metrics) | {"test": trained.metrics["valid"]}


def put_experiment(container: Container, task: Task, model: bytes, metrics: dict) -> Experiment:
    """A succeeded experiment with this model file, stamped for it."""
    now, log = container.clock().now(), container.experiment_log()
    experiment = log.add(Experiment(0, task.name, "made for a test", 1, "0" * 40, now, task.training.as_dict()))
    stamped = container.model_loader().stamp(model, stamp(experiment, metrics, now))
    container.artifact_store().put(model_path(experiment.id), io.BytesIO(stamped))
    log.update(experiment.id, lambda queued: queued.start(now))
    return log.update(experiment.id, lambda running: running.succeed(now, metrics, from_cache=False))


def csv_of(rows: int, seed: int, task: Task = TASK) -> bytes:
    """Labelled rows of the task, other ones for each seed."""
    table = make_table(task, rows, seed)
    return b"".join(PyarrowCsvCodec().write(list(table.columns), [table.columns]))
