"""New experiments."""
from __future__ import annotations

import asyncio
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.serving.current_request import meant
from application.use_cases.retrain import Retrain, RetrainRequest
from domain.api_key import Right
from domain.cells import describe
from domain.errors import Conflict, ExperimentFailed, Fault, InvalidInput
from domain.experiment import Experiment, Status
from entrypoints.answers.experiments import ExperimentAnswer
from entrypoints.formats.json_rows import decode
from entrypoints.http import openapi
from entrypoints.http.bodies import read_json
from entrypoints.http.dependencies import draining, task_name, wired
from entrypoints.http.large import decoded
from entrypoints.http.once import OnceRoute, once
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.wiring import get, ports

router = APIRouter(tags=["experiments"], route_class=OnceRoute)
POLL_S = 0.2
MAX_WAIT_S = 3600
_FIELDS: dict[str, tuple[type, str]] = {
    "params": (dict, "an object"), "dataset_version": (int, "an integer"), "name": (str, "a string")}


@router.put("/retrain", summary="Train a new experiment", description=Retrain.__doc__, **openapi.retrain())
@needs(Right.TRAIN)
@once
async def retrain(
    request: Request,
    wait: Annotated[float, Query(ge=0, le=MAX_WAIT_S, description="Seconds to wait for its end")] = 60.0,
) -> Response:
    container = wired(request)
    body = await read_json(request, ports.settings(container).max_json_bytes) if _has_body(request) else b""
    task = await run_in_threadpool(task_name, request, None)
    asked = await decoded(request, body, lambda sent: _read(task, sent))
    experiment = await run_in_threadpool(get.retrain(container).execute, asked)
    meant(experiment.task)
    return _answer(await _ended(request, experiment, wait))


async def _ended(request: Request, experiment: Experiment, wait_s: float) -> Experiment:
    """The experiment once it has ended, or as it is when the time is over, the client has gone or this process ends.
    Between two looks at the record nothing of the process is in use."""
    log, until = ports.experiment_log(wired(request)), monotonic() + wait_s
    while not (experiment.status.is_final or draining(request).begun or await request.is_disconnected()):
        left_s = until - monotonic()
        if left_s <= 0:
            break
        await asyncio.sleep(min(POLL_S, left_s))
        experiment = await run_in_threadpool(log.get, experiment.id)
    return experiment


def _answer(experiment: Experiment) -> Response:
    if experiment.status is Status.FAILED:
        raise ExperimentFailed(f"experiment {experiment.id} failed: {experiment.error}")
    if experiment.status is Status.CANCELLED:
        raise Conflict(f"experiment {experiment.id} was cancelled")
    status = 200 if experiment.status is Status.SUCCEEDED else 202
    return json_response(ExperimentAnswer.of(experiment), status, {"Location": f"/metrics/{experiment.id}"})


def _has_body(request: Request) -> bool:
    return "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"


def _read(task: str, body: bytes) -> RetrainRequest:
    """Raises: InvalidInput naming every field that cannot be used."""
    asked = decode(body) if body.strip() else {}
    if not isinstance(asked, dict):
        raise InvalidInput(f"expected a JSON object, got {describe(asked)}")
    if faults := [fault for name, value in asked.items() if (fault := _fault(name, value))]:
        raise InvalidInput(f"the request cannot be used: {faults[0].where} {faults[0].problem}", faults)
    # null is what is left out
    return RetrainRequest(task, **{name: value for name, value in asked.items() if value is not None})


def _fault(name: str, value: object) -> Fault | None:
    if name not in _FIELDS:
        return Fault(name, f"is unknown; known are {', '.join(_FIELDS)}")
    kind, words = _FIELDS[name]
    if value is None or isinstance(value, kind) and not isinstance(value, bool):
        return None
    return Fault(name, f"expected {words}, got {describe(value)}")
