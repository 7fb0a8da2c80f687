"""Which experiment serves, now and before."""
from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.serving.current_request import meant
from application.use_cases.deploy import Deploy
from application.use_cases.rollback import Rollback
from domain.api_key import Right
from domain.deployment import Deployment
from entrypoints.answers.deployments import DeploymentAnswer, DeploymentsAnswer
from entrypoints.http import openapi
from entrypoints.http.deadlines import Work, within
from entrypoints.http.dependencies import caller_name, task_name, wired
from entrypoints.http.once import OnceRoute, once
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.wiring import get, ports

router = APIRouter(tags=["deployments"], route_class=OnceRoute)


@router.post("/deploy/{experiment_id}", summary="Put an experiment into service", description=Deploy.__doc__,
             responses=openapi.ok(DeploymentAnswer) | openapi.problems(400, 403, 404, 409, 503))
@needs(Right.DEPLOY)
@within(Work.FILE)
@once
async def deploy(
    experiment_id: int, request: Request,
    if_better: Annotated[str | None, Query(description="Only if it beats what serves by this metric")] = None,
) -> Response:
    container = wired(request)
    # To find out whether it is better, both models answer every held-out row.
    async with nullcontext() if if_better is None else get.slots(container).taken():
        deployment = await run_in_threadpool(
            get.deploy(container).execute, experiment_id, if_better, caller_name(request))
    return _done(request, deployment)


@router.post("/rollback", summary="Put the experiment that served before into service again",
             description=Rollback.__doc__,
             responses=openapi.ok(DeploymentAnswer) | openapi.problems(400, 403, 404, 409, 503))
@needs(Right.DEPLOY)
@once
def rollback(request: Request, task: str | None = None) -> Response:
    name = task or task_name(request, None)
    return _done(request, get.rollback(wired(request)).execute(name, caller_name(request)))


def _done(request: Request, deployment: Deployment) -> Response:
    meant(deployment.task)
    return json_response(DeploymentAnswer.of(deployment))


@router.get("/deployments", summary="Deployments, newest first",
            responses=openapi.ok(DeploymentsAnswer) | openapi.problems(400, 404, 503))
@needs(Right.READ)
def deployments(
    request: Request, task: Annotated[str | None, Query(description="Of this task alone")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Every deployment with its reason (deploy, rollback, taken back) and whose key it was made with; the first of a
    task is what serves it now."""
    container = wired(request)
    if task is not None:
        ports.task_catalog(container).get(task)
    history = ports.deployment_log(container).history(task, limit)
    return json_response(DeploymentsAnswer.of(history))
