"""What a model says of itself."""
from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from domain.api_key import Right
from entrypoints.answers.models import ModelCardAnswer
from entrypoints.http import openapi
from entrypoints.http.dependencies import task_name, wired
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.wiring import get

router = APIRouter(tags=["models"])


@router.get("/metadata", summary="What the serving model's file says of itself",
            responses=openapi.ok(ModelCardAnswer) | openapi.problems(400, 403, 404))
@needs(Right.READ, Right.PREDICT)
def metadata(request: Request, task: str | None = None) -> Response:
    """Read from the ONNX file that serves: where it comes from, what it takes and gives, how good it was; and the
    threshold that it was deployed with."""
    name = task or task_name(request, None)
    return json_response(ModelCardAnswer.of(get.serving_models(wired(request)).current(name)))
