"""The model repository extension of the Open Inference Protocol, version 2."""
from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec
from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.api_key import Right
from domain.errors import InvalidInput
from entrypoints.http import openapi
from entrypoints.http.bodies import read_limited
from entrypoints.http.dependencies import caller_name, wired
from entrypoints.http.large import decoded
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs, seen_by
from entrypoints.v2 import repository
from entrypoints.wiring import ports

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
    return json_response(await run_in_threadpool(repository.index, wired(request), asked.ready, seen_by(request)))


@router.post("/models/{task}/load", summary="Deploy a model", **openapi.load())
@needs(Right.DEPLOY)
async def load(request: Request, task: Task) -> Response:
    """Deploys the experiment that `{"parameters": {"version": "7"}}` names. Without one, what serves goes on serving;
    where nothing does, the newest experiment that succeeded is deployed."""
    asked = await _read(request, _Load)
    await run_in_threadpool(repository.load, wired(request), task, asked.parameters.version, caller_name(request))
    return json_response({})


@router.post("/models/{task}/unload", summary="Refused: what serves goes on serving", **openapi.unload())
@needs(Right.DEPLOY)
def unload(request: Request, task: Task) -> Response:
    """What serves a task does so until another experiment is deployed or the task is deleted. So this is refused, and
    never answered as if it were done."""
    repository.unload(wired(request), task)


async def _read(request: Request, form: type[Asked]) -> Asked:
    """Nothing at all stands for `{}`. Raises: InvalidInput, TooLarge."""
    body = await read_limited(request, ports.settings(wired(request)).max_json_bytes)
    try:
        return await decoded(request, body or b"{}", msgspec.json.Decoder(form).decode)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as failure:
        raise InvalidInput(f"the body cannot be used: {failure}") from failure
