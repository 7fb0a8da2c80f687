"""What Prometheus scrapes, and what people ask about the answers of the models."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from application.ports.prediction_store import Wanted
from application.queries.how_it_went import HowItWent
from application.use_cases.observe_models import ObserveModels
from domain.api_key import Right
from domain.live_history import Last
from entrypoints.answers.live_history import LiveHistoryAnswer
from entrypoints.answers.observations import ObservationsAnswer
from entrypoints.answers.predictions import PredictionsAnswer
from entrypoints.answers.traffic import TrafficAnswer
from entrypoints.http import openapi
from entrypoints.http.dependencies import wired
from entrypoints.http.places import in_utc, read_place, write_place
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs, open_to_all
from entrypoints.wiring import get, ports

router = APIRouter(tags=["monitoring"])
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_TEXT: openapi.Responses = {
    200: {"description": "Text of Prometheus", "content": {"text/plain": {"schema": {"type": "string"}}}}}
# What a database of ours can hold; whoever asks for more asks for nothing.
_Text = Annotated[str | None, Query(max_length=1_000)]
_Id = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


@router.get("/metrics", summary="Metrics for Prometheus", response_class=Response, responses=_TEXT)
@open_to_all
def metrics(request: Request) -> Response:
    """Counts and times of all processes together, drift and live quality of what serves, progress of what trains."""
    return Response(get.exposition(wired(request)).text(), headers={"Content-Type": CONTENT_TYPE})


@router.get("/observations", summary="Drift and live quality", description=ObserveModels.__doc__,
            responses=openapi.ok(ObservationsAnswer) | openapi.problems(400, 404, 503))
@needs(Right.READ)
def observations(request: Request, task: _Text = None) -> Response:
    container = wired(request)
    if task is not None:
        ports.task_catalog(container).get(task)
    models = [model for model in get.look_around(container).execute().models if task in (None, model.deployment.task)]
    return json_response(ObservationsAnswer.of(ports.settings(container).monitor_window_h, models))


@router.get("/observations/history", summary="How a task has done lately", description=HowItWent.__doc__,
            responses=openapi.ok(LiveHistoryAnswer) | openapi.problems(400, 404, 503))
@needs(Right.READ)
def history(
    request: Request, task: Annotated[str, Query(max_length=1_000)],
    last: Annotated[Last, Query(description="By the hour, by 6 hours, or by the day")] = Last.DAY,
) -> Response:
    return json_response(LiveHistoryAnswer.of(get.how_it_went(wired(request)).execute(task, last)))


def wanted(
    request: Request, task: Annotated[str, Query(max_length=1_000)], experiment_id: _Id = None,
    request_id: _Text = None, prediction: _Text = None, label: _Text = None, labelled: bool = False,
    since: datetime | None = None, until: datetime | None = None,
    shadow: Annotated[bool, Query(description="Those of shadows, which were given to nobody, and no others")] = False,
) -> Wanted:
    """Raises: UnknownTask, InvalidInput."""
    name = ports.task_catalog(wired(request)).get(task).name
    return Wanted(name, experiment_id, request_id, prediction, label, labelled, since and in_utc("since", since),
                  until and in_utc("until", until), shadow)


@router.get("/predictions", summary="Answered rows, newest first",
            responses=openapi.ok(PredictionsAnswer) | openapi.problems(400, 404, 503))
@needs(Right.READ)
def predictions(
    request: Request, rows: Annotated[Wanted, Depends(wanted)], limit: Annotated[int, Query(ge=1, le=1_000)] = 50,
    before: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> Response:
    """The prediction log: what was asked, what was answered, and the true label where it is known. `prediction` and
    `label` ask for rows with this answer or this truth, `labelled` for those whose truth is known; moments without a
    zone are UTC. Answers are there within seconds of being given."""
    found = ports.prediction_store(wired(request)).newest(rows, limit + 1, read_place(before))
    page = found[:limit]
    return json_response(PredictionsAnswer.of(page, write_place(page[-1].place) if len(found) > limit else None))


@router.get("/traffic", summary="Requests by minute",
            responses=openapi.ok(TrafficAnswer) | openapi.problems(400, 404, 503))
@needs(Right.READ)
def traffic(
    request: Request, task: _Text = None, minutes: Annotated[int, Query(ge=1, le=7 * 1_440)] = 60,
) -> Response:
    """How many requests came for a task in the last minutes, how many of them were refused (4xx) and how many failed
    (5xx). Minutes without a request are left out."""
    container = wired(request)
    if task is not None:
        ports.task_catalog(container).get(task)
    began = ports.clock(container).now().replace(second=0, microsecond=0) - timedelta(minutes=minutes - 1)
    return json_response(TrafficAnswer.of(began, ports.traffic_log(container).since(began, task)))
