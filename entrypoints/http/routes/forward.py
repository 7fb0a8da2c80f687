"""Answers of the models."""
from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from application.use_cases.forward import Forward
from domain.task import Kind
from entrypoints.http import openapi
from entrypoints.http.answers import json_response, one_answer
from entrypoints.http.bodies import read_json
from entrypoints.http.dependencies import container, request_id, task_name
from entrypoints.json_rows import decode_row

router = APIRouter(tags=["forward"])


@router.post("/forward", summary="Answer one row", description=Forward.__doc__, **openapi.forward())
async def forward(request: Request) -> Response:
    # Decoding, coercion and one inference take less time than handing them to a thread and back would.
    wired = container(request)
    body = await read_json(request, wired.settings().max_json_bytes)
    answer = wired.forward().execute(task_name(request, Kind.TABULAR), decode_row(body))
    prediction, probabilities = one_answer(answer.predictions)
    return json_response({
        "request_id": request_id(request),
        "task": answer.served.task.name,
        "experiment_id": answer.served.experiment_id,
        "prediction": prediction,
        "probabilities": probabilities,
    })
