"""The model repository extension of the Open Inference Protocol, version 2."""
from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec
from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.api_key import Right
from domain.errors import Conflict, InvalidInput
from domain.experiment import Status
from entrypoints.answers.v2 import IndexedModelAnswer
from entrypoints.http import openapi
from entrypoints.http.bodies import read_limited
from entrypoints.http.dependencies import caller_name, meant, wired
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs, sees
from entrypoints.wiring import get, ports

router = APIRouter(prefix="/v2/repository", tags=["v2"])
Task = Annotated[str, Path(description="The task")]
Asked = TypeVar("Asked")


class _Index(msgspec.Struct, forbid_unknown_fields=True):
    ready: bool = False


class _Parameters(msgspec.Struct, forbid_unknown_fields=True):
    version: str | None = None


class _Load(msgspec.Struct, forbid_unknown_fields=True):
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)


@router.post("/index", summary="Which models there are", **openapi.index())
@needs(Right.PREDICT, Right.READ, of_a_task=False)
async def index(request: Request) -> Response:
    """Every task, with the experiment that serves it; with `{"ready": true}` those alone that are served."""
    asked = await _read(request, _Index)
    return json_response(await run_in_threadpool(_indexed, request, asked.ready))


@router.post("/models/{task}/load", summary="Deploy a model", **openapi.load())
@needs(Right.DEPLOY)
async def load(request: Request, task: Task) -> Response:
    """Deploys the experiment that `{"parameters": {"version": "7"}}` names. Without one, what serves goes on serving;
    where nothing does, the newest experiment that succeeded is deployed."""
    asked = await _read(request, _Load)
    await run_in_threadpool(_load, request, task, asked.parameters.version)
    return json_response({})


@router.post("/models/{task}/unload", summary="Refused: what serves goes on serving", **openapi.unload())
@needs(Right.DEPLOY)
def unload(request: Request, task: Task) -> Response:
    """What serves a task does so until another experiment is deployed or the task is deleted. So this is refused, and
    never answered as if it were done."""
    ports.task_catalog(wired(request)).get(task)
    raise InvalidInput(f"{task} cannot be unloaded: deploy another experiment, or delete the task")


async def _read(request: Request, form: type[Asked]) -> Asked:
    """Nothing at all stands for `{}`. Raises: InvalidInput, TooLarge."""
    body = await read_limited(request, ports.settings(wired(request)).max_json_bytes)
    try:
        return msgspec.json.decode(body or b"{}", type=form)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as failure:
        raise InvalidInput(f"the body cannot be used: {failure}") from failure


def _indexed(request: Request, ready: bool) -> list[IndexedModelAnswer]:
    container = wired(request)
    served = {model.task.name: model.experiment_id for model in get.serving_models(container).all_served()}
    return [IndexedModelAnswer.of(task.name, served.get(task.name)) for task in ports.task_catalog(container).all()
            if (task.name in served or not ready) and sees(request, task.name)]


def _load(request: Request, task: str, version: str | None) -> None:
    container = wired(request)
    ports.task_catalog(container).get(task)
    meant(request, task)
    if version is None and any(model.task.name == task for model in get.serving_models(container).all_served()):
        return
    get.deploy(container).execute(_newest(request, task) if version is None else _of_task(request, task, version),
                                  deployed_by=caller_name(request))


def _newest(request: Request, task: str) -> int:
    """Raises: Conflict if none has succeeded."""
    for experiment in ports.experiment_log(wired(request)).list(task=task, statuses=[Status.SUCCEEDED], limit=1):
        return experiment.id
    raise Conflict(f"{task} has no experiment that succeeded")


def _of_task(request: Request, task: str, version: str) -> int:
    """Raises: InvalidInput, UnknownExperiment."""
    if not version.isdecimal() or len(version) > 18:
        raise InvalidInput(f"version {version[:40]}: a version is the number of an experiment")
    experiment = ports.experiment_log(wired(request)).get(int(version))
    if experiment.task != task:
        raise InvalidInput(f"experiment {version} is of the task {experiment.task}, not of {task}")
    return experiment.id
