"""What was trained, and how well."""
from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.queries.chosen_experiments import Archived, Wish
from application.use_cases.cancel_experiment import CancelExperiment
from application.use_cases.delete_experiment import DeleteExperiment
from application.use_cases.edit_experiment import EditExperiment
from domain.api_key import Right
from domain.experiment import Experiment, Status
from entrypoints.answers.experiments import ExperimentAnswer, ExperimentPageAnswer
from entrypoints.formats.json_rows import decode
from entrypoints.http import openapi
from entrypoints.http.bodies import read_limited
from entrypoints.http.dependencies import caller_name, draining, wired
from entrypoints.http.experiment_events import Story, follow
from entrypoints.http.large import decoded
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.wiring import get, ports

router = APIRouter(tags=["experiments"])
LISTED = """One page of experiments; `next` is what to pass as `before` for the page that follows, null on the last.

With `filter`, `sort`, `search` or `offset` all of them are looked at: `matched` says how many are chosen, and
`next_offset` is the `offset` of the page that follows. `filter`: names, numbers, "texts", `= != < <= > >= contains`,
`and or not`, parentheses, as in `auc > 0.8 and (depth < 6 or tag = "big")`. A name is a field of the experiment (id,
name, status, tag, note, created_at, duration_s, dataset_version and so on), else a metric of the test rows, else a
parameter; `valid.auc` and `params.depth` say which. What has no value meets nothing but `= none`. `sort`: names with
commas between them, `-auc` for the largest first."""


def wished(
    task: Annotated[str | None, Query(description="Of this task alone")] = None,
    status: Annotated[Status | None, Query(description="In this status alone")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    before: Annotated[int | None, Query(description="Ids below this one: the `next` of the page before")] = None,
    filter: Annotated[str | None, Query(description="Such as `auc > 0.8 and depth < 6`")] = None,
    sort: Annotated[str | None, Query(description="Such as `-auc,depth`; the newest first, if left out")] = None,
    search: Annotated[str | None, Query(description="Text in the name, the note or a tag")] = None,
    archived: Annotated[Archived, Query(description="Whether those in the archive are listed")] = Archived.NO,
    pinned: Annotated[bool | None, Query(description="Those alone that are pinned, or are not")] = None,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1, description="The `next_offset` of the page before")] = 0,
) -> Wish:
    """A dependency: which experiments are meant."""
    return Wish(task, status, filter, sort, search, archived, pinned, before, offset, limit)


@router.get("/experiments/{experiment_id}", summary="One experiment",
            responses=openapi.ok(ExperimentAnswer) | openapi.problems(400, 404))
@router.get("/metrics/{experiment_id}", summary="One experiment",
            responses=openapi.ok(ExperimentAnswer) | openapi.problems(400, 404))
@needs(Right.READ)
def metrics(experiment_id: int, request: Request) -> Response:
    """Status, progress, parameters and metrics of one experiment; live while it runs. The metrics under `valid` are of
    a model that had not learned from it: with few pictures, of the one before it was fitted anew on both."""
    return json_response(ExperimentAnswer.of(ports.experiment_log(wired(request)).get(experiment_id)))


@router.patch("/experiments/{experiment_id}", summary="Name, tags, note, archive, pin",
              description=EditExperiment.__doc__, **openapi.edit_experiment())
@needs(Right.TRAIN)
async def edit(experiment_id: int, request: Request) -> Response:
    container = wired(request)
    changes = await decoded(request, await read_limited(request, ports.settings(container).max_json_bytes), decode)
    edited = await run_in_threadpool(
        get.edit_experiment(container).execute, experiment_id, changes, caller_name(request))
    return json_response(ExperimentAnswer.of(edited))


@router.delete("/experiments/{experiment_id}", summary="Delete an experiment", description=DeleteExperiment.__doc__,
               responses=openapi.ok(ExperimentAnswer, "What it was") | openapi.problems(400, 404, 409, 503))
@needs(Right.TRAIN)
def delete(experiment_id: int, request: Request) -> Response:
    removed = get.delete_experiment(wired(request)).execute(experiment_id, caller_name(request))
    return json_response(ExperimentAnswer.of(removed))


@router.post("/experiments/{experiment_id}/cancel", summary="Cancel an experiment", status_code=202,
             description=CancelExperiment.__doc__,
             responses=openapi.accepted(ExperimentAnswer) | openapi.problems(400, 404, 409, 503))
@needs(Right.TRAIN)
def cancel(experiment_id: int, request: Request) -> Response:
    return json_response(ExperimentAnswer.of(get.cancel_experiment(wired(request)).execute(experiment_id)), 202)


def found(experiment_id: int, request: Request) -> Experiment:
    """A dependency: what is unknown has to be told before a stream begins."""
    return ports.experiment_log(wired(request)).get(experiment_id)


@router.get("/experiments/{experiment_id}/events", summary="An experiment while it runs",
            response_class=EventSourceResponse, responses=openapi.problems(400, 404, 503))
@needs(Right.READ)
async def events(experiment: Annotated[Experiment, Depends(found)], request: Request) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: `progress` (status, stage, iteration), `metric` (iteration, loss), `log` (a line), and at the
    end `done` with the experiment as `/metrics/{id}` gives it. One that has ended already is `done` at once."""
    container = wired(request)
    story = Story(ports.experiment_log(container), ports.pipeline_runner(container), ports.artifact_store(container))
    async for event in follow(story, experiment, draining(request)):
        yield event


@router.get("/experiments", summary="Experiments, newest first", description=LISTED,
            responses=openapi.ok(ExperimentPageAnswer) | openapi.problems(400, 404))
@needs(Right.READ)
def experiments(wish: Annotated[Wish, Depends(wished)], request: Request) -> Response:
    container = wired(request)
    if wish.condition is not None or wish.order is not None or wish.words is not None or wish.offset:
        return json_response(ExperimentPageAnswer.chosen(get.chosen_experiments(container).of(wish), wish.offset))
    if wish.task is not None:
        ports.task_catalog(container).get(wish.task)
    found = ports.experiment_log(container).list(
        task=wish.task, statuses={wish.status} if wish.status else (), limit=wish.limit + 1, before=wish.before,
        archived=wish.archived.asked_of_log, pinned=wish.pinned)
    return json_response(ExperimentPageAnswer.of(found, wish.limit))
