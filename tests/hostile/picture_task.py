"""A small task of pictures that is served."""
from __future__ import annotations

import io
from pathlib import Path

from adapters.catboost.pixels.trainer import CatboostPixelTrainer
from application.use_cases.train_model import TrainModel
from domain.deployment import Deployment
from domain.provenance import model_path, stamp
from domain.task import Task
from entrypoints.wiring.container import Container
from tests.builders import succeeded
from tests.pictures import make_picture_parts, make_picture_task


def put_picture_task(container: Container, home: Path) -> Task:
    task, loader, now = make_picture_task(), container.model_loader(), container.clock().now()
    container.task_catalog().add(task)
    experiment = container.experiment_log().add(succeeded(task))
    trained = TrainModel(CatboostPixelTrainer(2), loader).execute(
        task, make_picture_parts(task), home / "events of pictures", lambda *_: None)
    stamped = loader.stamp(trained.model, stamp(experiment, experiment.metrics, now))
    container.artifact_store().put(model_path(experiment.id), io.BytesIO(stamped))
    container.deployment_log().append(task.name, lambda _: Deployment(task.name, experiment.id, None, 1, now))
    return task
