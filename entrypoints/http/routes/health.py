"""Is it alive, can it serve."""
from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from entrypoints.answers.health import HealthAnswer, ReadinessAnswer
from entrypoints.http import openapi
from entrypoints.http.dependencies import draining, wired
from entrypoints.http.responses import json_response
from entrypoints.http.rights import open_to_all
from entrypoints.wiring import get

router = APIRouter(tags=["health"])
_NOT_READY: openapi.Responses = {503: openapi.ok(ReadinessAnswer, "Not able to; `reasons` says why")[200]}


@router.get("/healthz", summary="Alive", responses=openapi.ok(HealthAnswer))
@open_to_all
async def healthz() -> Response:
    """The process answers."""
    return json_response(HealthAnswer("ok"))


@router.get("/readyz", summary="Able to serve", responses=openapi.ok(ReadinessAnswer) | _NOT_READY)
@open_to_all
def readyz(request: Request) -> Response:
    """A model is deployed, the database answers and can be written, and the disks have room; 503 with the reasons
    otherwise, also while the process ends what is in flight. `dependencies` and `tasks` tell what each is like, also
    what keeps nothing from being served: a disk that is nearly full, a model that cannot be loaded."""
    answer = ReadinessAnswer.of(get.what_is_ready(wired(request)).execute(), draining(request).begun)
    return json_response(answer, 503 if answer.reasons else 200)
