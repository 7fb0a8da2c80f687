"""The Open Inference Protocol, version 2: a model is a task, a version of it an experiment."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from application.ports.serving_models import ServedModel
from domain.api_key import Right
from domain.errors import InvalidInput
from entrypoints.answers import v2 as answers
from entrypoints.formats.v2 import infer_answer, infer_request
from entrypoints.formats.v2.columns import Asked
from entrypoints.formats.v2.infer_request import InferRequest
from entrypoints.http import openapi
from entrypoints.http.bodies import read_limited
from entrypoints.http.deadlines import Work, within
from entrypoints.http.dependencies import draining, request_id, wired
from entrypoints.http.large import decoded, is_large
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs, open_to_all, seen_by
from entrypoints.http.while_wanted import run_while_wanted
from entrypoints.v2 import models
from entrypoints.v2.lengths import json_bytes_of
from entrypoints.v2.packed import packed
from entrypoints.wiring import get, ports

router = APIRouter(prefix="/v2", tags=["v2"])
HEADER_BYTES = "Inference-Header-Content-Length"
_EXTENSIONS = ["binary_tensor_data", "model_repository", "statistics"]
_KNOWN = openapi.protocol_problems(400, 403, 404)
Task = Annotated[str, Path(description="The task")]
Version = Annotated[str, Path(description="The experiment that is meant to serve it")]


@router.get("", summary="Who answers", responses=openapi.ok(answers.ServerAnswer))
@needs(Right.PREDICT, Right.READ, of_a_task=False)
async def server() -> Response:
    """Name, version, and the extensions of the protocol that are there."""
    return json_response(models.server(_EXTENSIONS))


@router.get("/health/live", summary="Alive", responses=openapi.ok(answers.LiveAnswer))
@open_to_all
async def live() -> Response:
    """The process answers."""
    return json_response(answers.LiveAnswer(True, True))


@router.get("/health/ready", summary="Able to serve", responses=openapi.ok(answers.LiveAnswer)
            | {503: openapi.ok(answers.LiveAnswer, "Not able to; /readyz says why")[200]})
@open_to_all
async def ready(request: Request) -> Response:
    """A model is deployed, and the process is not about to end."""
    able = models.are_served(wired(request)) and not draining(request).begun
    return json_response(answers.LiveAnswer(True, able), 200 if able else 503)


@router.get("/models/stats", summary="What all models did", responses=openapi.ok(answers.StatsAnswer))
@needs(Right.PREDICT, Right.READ, of_a_task=False)
def all_stats(request: Request) -> Response:
    """The statistics of every task that is served."""
    return json_response(models.stats_of_all(wired(request), seen_by(request)))


@router.get("/models/{task}", summary="What a model takes and gives",
            responses=openapi.ok(answers.ModelMetadataAnswer) | _KNOWN)
@router.get("/models/{task}/versions/{version}", summary="What a version of a model takes and gives",
            responses=openapi.ok(answers.ModelMetadataAnswer) | _KNOWN)
@needs(Right.PREDICT, Right.READ)
def model(request: Request, task: Task, version: Version | None = None) -> Response:
    """Inputs and outputs with their datatypes. Each feature is an input of its own, `[N]` or `[N, 1]`; all of them may
    also come as one tensor `[N, features]` in this order."""
    return json_response(models.metadata(wired(request), task, version))


@router.get("/models/{task}/ready", summary="Whether a model answers",
            responses=openapi.ok(answers.ModelReadyAnswer) | _KNOWN)
@router.get("/models/{task}/versions/{version}/ready", summary="Whether a version of a model answers",
            responses=openapi.ok(answers.ModelReadyAnswer) | _KNOWN)
@needs(Right.PREDICT, Right.READ)
def model_ready(request: Request, task: Task, version: Version | None = None) -> Response:
    """200 if it does; 403 if nothing is deployed, 404 if there is no such task or another version serves."""
    models.served_by(wired(request), task, version)
    return json_response(answers.ModelReadyAnswer(task, True))


@router.get("/models/{task}/stats", summary="What a model did", responses=openapi.ok(answers.StatsAnswer) | _KNOWN)
@router.get("/models/{task}/versions/{version}/stats", summary="What a version of a model did",
            responses=openapi.ok(answers.StatsAnswer) | _KNOWN)
@needs(Right.PREDICT, Right.READ)
def stats(request: Request, task: Task, version: Version | None = None) -> Response:
    """Rows, runs and requests since the service was started, whichever route they came by."""
    return json_response(models.stats(wired(request), task, version))


@router.post("/models/{task}/infer", summary="Answer tensors", **openapi.infer())
@router.post("/models/{task}/versions/{version}/infer", summary="Answer tensors with a version", **openapi.infer())
@needs(Right.PREDICT)
@within(Work.PICTURE)
async def infer(request: Request, task: Task, version: Version | None = None) -> Response:
    """Answers every row with the model that serves the task, as `/forward` and `/forward_batch` do: the same coercion,
    limits, log and counts. With a version, that one answers or none does.

    Tensors come as JSON, or as bytes behind it: then `Inference-Header-Content-Length` says where they begin. Literal
    `NaN` and `null` in a tensor of floats, and an empty text, are missing values.
    """
    served = models.served_by(wired(request), task, version)
    body, json_bytes = await _body(request, served)
    if is_large(body):
        # Read and answered in one thread, one after the other.
        return await decoded(request, body, lambda body: _answer(
            request, task, version, *_read(request, served, body, json_bytes)), json_bytes, kind=served.task.kind)
    asked, rows = _read(request, served, body, json_bytes)
    if models.is_short(served, rows):
        ports.rows_lately(wired(request)).seen()
        return _answer(request, task, version, asked, rows)
    async with get.slots(wired(request)).taken():
        return await run_while_wanted(request, served.task.kind, _answer, request, task, version, asked, rows)


async def _body(request: Request, served: ServedModel) -> tuple[bytes, int | None]:
    """Raises: InvalidInput, TooLarge."""
    body = await read_limited(request, models.max_bytes(wired(request), served))
    said = request.headers.get(HEADER_BYTES)
    if said is None:
        return body, None
    if (size := json_bytes_of(said, len(body))) is None:
        raise InvalidInput(f"{HEADER_BYTES}: {said[:40]} is no number of bytes of the body, which has {len(body)}")
    return body, size


def _read(request: Request, served: ServedModel, body: bytes, json_bytes: int | None) -> tuple[InferRequest, Asked]:
    """Raises: InvalidInput."""
    asked = infer_request.decode(body, json_bytes)
    return asked, models.rows_of(wired(request), served, asked)


def _answer(request: Request, task: str, version: str | None, asked: InferRequest, rows: Asked) -> Response:
    found = models.answered(wired(request), task, version, rows)
    encoded = infer_answer.encode(asked, request_id(request), task, found.served.experiment_id, found.tensors)
    body, headers = packed(request.headers.get("accept-encoding", ""), encoded.body)
    if encoded.json_bytes is None:
        return Response(body, headers=headers, media_type="application/json")
    said = {HEADER_BYTES: str(encoded.json_bytes)}  # of what is unpacked
    return Response(body, headers={**headers, **said}, media_type="application/octet-stream")
