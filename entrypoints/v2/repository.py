"""The model repository extension."""
from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from application.ports.serving_models import UnknownVersion
from application.serving.current_request import meant
from domain.errors import Conflict
from domain.experiment import Status
from entrypoints.answers.v2 import IndexedModelAnswer
from entrypoints.v2.models import number_of
from entrypoints.wiring import get, ports
from entrypoints.wiring.container import Container


def index(container: Container, ready: bool, sees: Callable[[str], bool]) -> list[IndexedModelAnswer]:
    """ready: those alone that are served. sees: whether whoever asks may be told of a task."""
    served = {model.task.name: model.experiment_id for model in get.serving_models(container).all_served()}
    return [IndexedModelAnswer.of(task.name, served.get(task.name)) for task in ports.task_catalog(container).all()
            if (task.name in served or not ready) and sees(task.name)]


def load(container: Container, task: str, version: str | None, deployed_by: str | None) -> None:
    """Deploys the experiment that is named. Without one, what serves goes on serving; where nothing does, the newest
    experiment that succeeded is deployed.

    Raises: UnknownTask, UnknownVersion, UnknownExperiment, Conflict, and what deploying does.
    """
    ports.task_catalog(container).get(task)
    meant(task)
    if version is None and any(model.task.name == task for model in get.serving_models(container).all_served()):
        return
    experiment_id = _newest(container, task) if version is None else _of_task(container, task, version)
    get.deploy(container).execute(experiment_id, deployed_by=deployed_by)


def unload(container: Container, task: str) -> NoReturn:
    """What serves a task does so until another experiment is deployed or the task is deleted. So this is refused, and
    never answered as if it were done.

    Raises: UnknownTask, Conflict.
    """
    ports.task_catalog(container).get(task)
    raise Conflict(f"{task} cannot be unloaded: deploy another experiment, or delete the task")


def _newest(container: Container, task: str) -> int:
    """Raises: Conflict if none has succeeded."""
    for experiment in ports.experiment_log(container).list(task=task, statuses=[Status.SUCCEEDED], limit=1):
        return experiment.id
    raise Conflict(f"{task} has no experiment that succeeded")


def _of_task(container: Container, task: str, version: str) -> int:
    """Raises: UnknownVersion, UnknownExperiment."""
    experiment = ports.experiment_log(container).get(number_of(version, task))
    if experiment.task != task:
        raise UnknownVersion(f"experiment {version} is of the task {experiment.task}, not of {task}")
    return experiment.id
