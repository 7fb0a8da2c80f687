"""Two models on the same rows."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.use_cases.compare_experiment import CompareExperiment
from domain.api_key import Right
from entrypoints.answers.experiments import ComparisonAnswer
from entrypoints.http import openapi
from entrypoints.http.deadlines import Work, within
from entrypoints.http.dependencies import wired
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.wiring import get

router = APIRouter(tags=["experiments"])


@router.get("/experiments/{experiment_id}/comparison", summary="An experiment against what serves",
            description=CompareExperiment.__doc__,
            responses=openapi.ok(ComparisonAnswer) | openapi.problems(400, 403, 404, 409, 503))
@needs(Right.READ)
@within(Work.FILE)
async def comparison(
    experiment_id: int, request: Request,
    against: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Another experiment than what serves")] = None,
) -> Response:
    container = wired(request)
    async with get.slots(container).taken():
        compared = await run_in_threadpool(get.compare_experiment(container).execute, experiment_id, against)
    return json_response(ComparisonAnswer.of(experiment_id, compared))
