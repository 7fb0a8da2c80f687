"""Whole files: answered, or answered and judged."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from application.ports.serving_models import ServedModel
from domain.errors import InvalidInput
from domain.rows import Rows
from domain.task import Task
from domain.unseen import Unseen
from entrypoints.formats.detecting import MEDIA_TYPES
from entrypoints.formats.forms import AnswerForm, Body
from entrypoints.http import openapi
from entrypoints.http.accept import accepted
from entrypoints.http.dependencies import request_id, task_of_file, wired
from entrypoints.http.uploads import Upload, receive
from entrypoints.wiring import get, ports

router = APIRouter(tags=["batches"])
# Of what is told beside a CSV: most programs refuse longer headers.
MAX_HEADER_CHARS = 4_000


@router.post("/forward_batch", summary="Answer every row of a file", **openapi.batch(evaluated=False))
async def forward_batch(request: Request) -> Response:
    """Answers every row of a table, or every picture of a zip, with the model that serves the task, in the order of the
    rows, or of the names of the pictures.

    All are answered by one model, also if another is deployed meanwhile. Columns that the task knows but the model does
    not use (the target, ids) may stay in the file.
    """
    return await _answer(request, _forwarded)


@router.post("/evaluate", summary="Answer every row of a labelled file, and say how good the answers are",
             **openapi.batch(evaluated=True))
async def evaluate(request: Request) -> Response:
    """Answers every row of a labelled table with the model that serves the task, and scores the answers by the metrics
    of the task's problem. Nothing is kept: to train on the rows, add them.
    """
    return await _answer(request, _evaluated)


# Given the rows of a file and the form that is asked for: what answered, the body, and what more its head says.
Work = Callable[[Request, Task, Iterator[Rows], AnswerForm], tuple[ServedModel, Body, dict[str, object]]]


async def _answer(request: Request, work: Work) -> Response:
    """Spools the file, does the work in a thread, and keeps slot and file until the last byte has gone out."""
    slots = get.slots(wired(request))
    received = await receive(request, ports.settings(wired(request)).max_body_bytes, MEDIA_TYPES)
    try:
        task = await run_in_threadpool(task_of_file, request, received)
        await slots.take()
    except BaseException:
        received.file.close()
        raise

    def release() -> None:
        received.file.close()
        slots.give_back()

    try:
        return await run_in_threadpool(_worked, request, task, received, work, release)
    except BaseException:
        release()
        raise


def _worked(request: Request, task: Task, received: Upload, work: Work, release: Callable[[], None]) -> Response:
    formats = get.formats(wired(request))[task.kind]
    labelled = work is _evaluated
    form = _form(request, formats.forms(request.headers, labelled))
    rows = formats.rows(task, received.file, labelled, received.charset)
    served, body, more = work(request, task, iter(rows), form)
    head = {"request_id": request_id(request), "task": task.name, "experiment_id": served.experiment_id,
            "count": body.count} | rows.told | more
    headers = {"X-Task": task.name, "X-Experiment-ID": str(served.experiment_id)}
    headers |= {f"X-{name.title().replace('_', '-')}": text for name, value in (rows.told | more).items()
                if len(text := _in_a_header(value)) <= MAX_HEADER_CHARS}

    def end() -> None:
        body.close()
        release()

    pieces = iterate_in_threadpool(body.pieces(head))
    return Releasing(StreamingResponse(pieces, headers=headers, media_type=form.media_type), end)


def _in_a_header(value: object) -> str:
    return json.dumps(msgspec.to_builtins(value))


def _forwarded(request: Request, task: Task, rows: Iterator[Rows], form: AnswerForm
               ) -> tuple[ServedModel, Body, dict[str, object]]:
    exchange = get.answering(wired(request)).execute(task.name, rows)
    unseen = _unseen(exchange.served)
    return exchange.served, form.collect(exchange.served, unseen.watched(exchange.parts)), _told(unseen)


def _evaluated(request: Request, task: Task, rows: Iterator[Rows], form: AnswerForm
               ) -> tuple[ServedModel, Body, dict[str, object]]:
    evaluation = get.evaluate(wired(request)).execute(task.name, rows)
    unseen = _unseen(evaluation.served)
    body = form.collect(evaluation.served, unseen.watched(evaluation.parts))
    try:
        metrics = evaluation.metrics()
        return evaluation.served, body, {
            "metrics": metrics, "rows_without_target": evaluation.rows_without_target} | _told(unseen)
    except BaseException:
        body.close()
        raise


def _unseen(served: ServedModel) -> Unseen:
    return Unseen(served.runner.card.metadata.get("categories", ""))


def _told(unseen: Unseen) -> dict[str, object]:
    shares = unseen.shares()
    return {"unseen": shares} if shares else {}


def _form(request: Request, forms: Sequence[AnswerForm]) -> AnswerForm:
    """Raises: InvalidInput for an answer that cannot be had."""
    by_type = {form.media_type: form for form in forms}
    kind = accepted(request, tuple(by_type))
    if kind is None:
        raise InvalidInput(f"the answer can be {' or '.join(by_type)}, not {request.headers['accept']}")
    return by_type[kind]


class Releasing(Response):
    """Another response, with something to be let go of when it has gone out or its client has gone away."""

    def __init__(self, response: Response, release: Callable[[], None]) -> None:
        self._response, self._release = response, release
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with suppress(ClientDisconnect):
                await self._response(scope, receive, send)
        finally:
            self._release()
