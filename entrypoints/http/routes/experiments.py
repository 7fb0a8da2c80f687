"""What was trained, and how well."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from domain.experiment import Status
from entrypoints.http import openapi
from entrypoints.http.answers import experiment_body, json_response
from entrypoints.http.dependencies import container

router = APIRouter(tags=["experiments"])
# Ids are 64-bit in the database; a larger one is nobody's.
ExperimentId = Annotated[int, "id"]


@router.get("/metrics/{experiment_id}", summary="One experiment",
            responses=openapi.ok(openapi.OBJECT) | openapi.problems(400, 404))
def metrics(experiment_id: int, request: Request) -> Response:
    """Status, progress, parameters and metrics of one experiment; live while it runs."""
    return json_response(experiment_body(container(request).experiment_log().get(experiment_id)))


@router.get("/experiments", summary="Experiments, newest first",
            responses=openapi.ok(openapi.OBJECT) | openapi.problems(400, 404))
def experiments(
    request: Request,
    task: Annotated[str | None, Query(description="Of this task alone")] = None,
    status: Annotated[Status | None, Query(description="In this status alone")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    before: Annotated[int | None, Query(description="Ids below this one: the `next` of the page before")] = None,
) -> Response:
    """One page of experiments; `next` is what to pass as `before` for the page that follows, null on the last."""
    log = container(request).experiment_log()
    found = log.list(task=task, statuses={status} if status else (), limit=limit + 1, before=before)
    page = found[:limit]
    return json_response({
        "experiments": [experiment_body(experiment) for experiment in page],
        "next": page[-1].id if len(found) > limit else None,
    })
