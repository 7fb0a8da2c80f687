"""What can train."""
from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from domain.api_key import Right
from entrypoints.answers.trainers import TrainersAnswer
from entrypoints.http import openapi
from entrypoints.http.dependencies import wired
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.wiring import get

router = APIRouter(tags=["experiments"])


@router.get("/trainers", summary="All trainers", responses=openapi.ok(TrainersAnswer))
@needs(Right.READ, of_a_task=False)
def trainers(request: Request) -> Response:
    """What `params` of `PUT /retrain` and `training` of a task may name: each trainer with its parameters, as it
    describes itself. A trainer that a machine has got lately is there within seconds."""
    return json_response(TrainersAnswer.of(get.known_trainers(wired(request)).all()))
