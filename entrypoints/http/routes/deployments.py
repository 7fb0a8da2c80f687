"""Which experiment serves, now and before."""
from __future__ import annotations

from contextlib import nullcontext
from inspect import cleandoc
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.queries.how_rollouts_go import HowRolloutsGo
from application.serving.current_request import meant
from application.use_cases.admission import Terms
from application.use_cases.deploy import Deploy
from application.use_cases.end_rollout import Abort, Promote
from application.use_cases.roll_out import RollOut, RolloutWish
from application.use_cases.rollback import Rollback
from domain.api_key import Right
from domain.deployment import Deployment
from domain.errors import Fault, InvalidInput
from domain.rollout import RolloutRole
from entrypoints.answers.deployments import DeploymentAnswer, DeploymentsAnswer
from entrypoints.answers.rollouts import RolloutAnswer, RolloutsAnswer
from entrypoints.answers.schemas import reference
from entrypoints.http import openapi
from entrypoints.http.deadlines import Work, within
from entrypoints.http.dependencies import caller_name, task_name, wired
from entrypoints.http.once import OnceRoute, once
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs, seen_by
from entrypoints.wiring import get, ports

# Values that were meant for a rollout and would mean nothing without one.
_OF_A_ROLLOUT = "says nothing without as=shadow or as=canary"


def terms(
    if_better: Annotated[str | None, Query(description="Only if it beats what serves by this metric")] = None,
    threshold: Annotated[float | None, Query(
        gt=0, lt=1, allow_inf_nan=False, description="Of a task of two labels: the positive one is answered where its "
        "probability is above; without it the model decides")] = None,
) -> Terms:
    return Terms(threshold, if_better)


def rollout_wish(
    role: Annotated[RolloutRole | None, Query(
        alias="as", description="Beside what serves, and not in its place")] = None,
    share: Annotated[float | None, Query(gt=0, le=1, allow_inf_nan=False, description=(
        "Of the requests that the candidate is asked; of a canary below 1"))] = None,
    by: Annotated[str | None, Query(max_length=1_000, description=(
        "Of a canary: the column whose value decides, so that the same value is always answered by the same model"
    ))] = None,
) -> RolloutWish | None:
    """None for a deployment. Raises: InvalidInput."""
    if role is not None:
        return RolloutWish(role, share, by)
    if faults := [Fault(name, _OF_A_ROLLOUT) for name, said in (("share", share), ("by", by)) if said is not None]:
        raise InvalidInput(f"{faults[0].where} {faults[0].problem}", faults)
    return None


router = APIRouter(tags=["deployments"], route_class=OnceRoute)


@router.post("/deploy/{experiment_id}", summary="Put an experiment into service, or beside what serves",
             description=f"{cleandoc(Deploy.__doc__ or '')}\n\nWith `as`: {cleandoc(RollOut.__doc__ or '')}",
             responses=openapi.ok(openapi.either(reference(DeploymentAnswer), reference(RolloutAnswer)),
                                  "Done; a rollout with `as`") | openapi.problems(400, 403, 404, 409, 503))
@needs(Right.DEPLOY)
@within(Work.FILE)
@once
async def deploy(
    experiment_id: int, request: Request, asked: Annotated[Terms, Depends(terms)],
    wish: Annotated[RolloutWish | None, Depends(rollout_wish)],
) -> Response:
    container, caller = wired(request), caller_name(request)
    # To find out whether it is better, both models answer every held-out row.
    async with nullcontext() if asked.if_better is None else get.slots(container).taken():
        if wish is None:
            return _done(request, await run_in_threadpool(
                get.deploy(container).execute, experiment_id, asked, caller))
        deployment = await run_in_threadpool(get.roll_out(container).execute, experiment_id, wish, asked, caller)
    meant(deployment.task)
    return json_response(RolloutAnswer.of(deployment))


@router.get("/rollouts", summary="How rollouts go", description=HowRolloutsGo.__doc__,
            responses=openapi.ok(RolloutsAnswer) | openapi.problems(400, 404, 503))
@needs(Right.READ)
def rollouts(
    request: Request, task: Annotated[str | None, Query(description="Of this task alone", max_length=1_000)] = None,
) -> Response:
    states, sees = get.how_rollouts_go(wired(request)).execute(task), seen_by(request)
    return json_response(RolloutsAnswer.of(state for state in states if sees(state.deployment.task)))


@router.post("/rollouts/{task}/promote", summary="The candidate serves all", description=Promote.__doc__,
             responses=openapi.ok(DeploymentAnswer) | openapi.problems(400, 403, 404, 409, 503))
@needs(Right.DEPLOY)
@once
def promote(request: Request, task: str) -> Response:
    return _done(request, get.promote_rollout(wired(request)).execute(task, caller_name(request)))


@router.post("/rollouts/{task}/abort", summary="A rollout ends, what serves goes on", description=Abort.__doc__,
             responses=openapi.ok(DeploymentAnswer) | openapi.problems(400, 403, 404, 409, 503))
@needs(Right.DEPLOY)
@once
def abort(request: Request, task: str) -> Response:
    return _done(request, get.abort_rollout(wired(request)).execute(task, caller_name(request)))


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
    """Every deployment with its reason (deploy, rollback, taken back; of a rollout shadow, canary, promote, abort) and
    whose key it was made with; the first of a task is what serves it now."""
    container = wired(request)
    if task is not None:
        ports.task_catalog(container).get(task)
    history = ports.deployment_log(container).history(task, limit)
    return json_response(DeploymentsAnswer.of(history))
