"""Whole files: answered, or answered and judged."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec
from fastapi import APIRouter, Request
from msgspec import UNSET, UnsetType
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.responses import Response, StreamingResponse

from application.ports.serving_models import ServedModel
from domain.api_key import Right
from domain.errors import InvalidInput
from domain.rows import Rows
from domain.task import Task
from domain.unseen import Unseen
from entrypoints.answers.batches import FileAnswer
from entrypoints.formats.detecting import MEDIA_TYPES
from entrypoints.formats.forms import AnswerForm, Body
from entrypoints.http import openapi
from entrypoints.http.accept import accepted
from entrypoints.http.deadlines import Work, within
from entrypoints.http.dependencies import Explain, Extra, ExtraColumns, request_id, task_of_file, wired
from entrypoints.http.responses import Kept, Releasing
from entrypoints.http.rights import needs
from entrypoints.http.upload_events import ToldRoute, reading, told
from entrypoints.http.uploads import Upload, receive
from entrypoints.http.while_wanted import run_while_wanted
from entrypoints.wiring import get, ports

router = APIRouter(tags=["batches"], route_class=ToldRoute)
# Of what is told beside a CSV: most programs refuse longer headers.
MAX_HEADER_CHARS = 4_000
TOLD = ("count", "ignored", "read", "passed_over", "metrics", "no_value", "rows_without_target", "unseen")


@router.post("/forward_batch", summary="Answer every row of a file", **openapi.batch(evaluated=False))
@needs(Right.PREDICT)
@within(Work.FILE)
async def forward_batch(request: Request, extra: ExtraColumns = Extra.REFUSE, explain: Explain = False) -> Response:
    """Answers every row of a table, or every picture of a zip, with the model that serves the task, in the order of the
    rows, or of the names of the pictures.

    All are answered by one model, also if another is deployed meanwhile. Columns that the task knows but the model does
    not use (the target, ids) may stay in the file.
    """
    return await _answer(request, Wish(False, extra is Extra.IGNORE, explain))


@router.post("/evaluate", summary="Answer every row of a labelled file, and say how good the answers are",
             **openapi.batch(evaluated=True))
@needs(Right.PREDICT)
@within(Work.FILE)
@told
async def evaluate(request: Request, extra: ExtraColumns = Extra.REFUSE, explain: Explain = False) -> Response:
    """Answers every row of a labelled table with the model that serves the task, and scores the answers by the metrics
    of the task's problem. Nothing is kept: to train on the rows, add them.
    """
    return await _answer(request, Wish(True, extra is Extra.IGNORE, explain))


@dataclass(frozen=True, slots=True)
class Answered:
    """metrics, rows_without_target: of an evaluation."""

    served: ServedModel
    body: Body
    unseen: Unseen
    metrics: Mapping[str, float] | UnsetType = UNSET
    rows_without_target: int | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Wish:
    """labelled: the answers are to be judged. ignores: columns that the task does not know are no fault. explains: with
    what each column has to do with the answers."""

    labelled: bool
    ignores: bool
    explains: bool


async def _answer(request: Request, wish: Wish) -> Response:
    """Spools the file, does the work in a thread, and keeps the file until the last byte has gone out. The slot is kept
    until the answer is whole: whoever reads it slowly keeps nobody waiting."""
    received = await receive(request, ports.settings(wired(request)).max_body_bytes, MEDIA_TYPES)
    kept = Kept()
    kept.add(received.file.close)
    try:
        task = await run_in_threadpool(task_of_file, request, received)
        async with get.slots(wired(request)).taken():
            reading(request).begin(received.file)
            response = await run_while_wanted(request, task.kind, _worked, request, task, received, wish, kept)
    except BaseException:
        await kept.ended()
        raise
    return Releasing(response, kept.ended)


def _worked(request: Request, task: Task, received: Upload, wish: Wish, kept: Kept) -> Response:
    """kept: gets what has to be let go of when the answer has gone out, or never does."""
    formats = get.formats(wired(request))[task.kind]
    form = _form(request, formats.forms(task, request.headers, wish.labelled))
    rows = formats.rows(task, received.file, wish.labelled, received.charset)
    rows = rows.tolerant() if wish.ignores else rows
    doing = _evaluated if wish.labelled else _forwarded
    answered = doing(request, task, reading(request).watched(rows), form, wish.explains)
    body, experiment_id = answered.body, answered.served.experiment_id
    kept.add(body.close)
    head = FileAnswer.of(
        task.name, experiment_id, body.count, rows, answered.unseen.shares(), metrics=answered.metrics,
        rows_without_target=answered.rows_without_target, request_id=request_id(request), ignores=wish.ignores)

    headers = {"X-Task": task.name, "X-Experiment-ID": str(experiment_id)} | _in_headers(head)
    pieces = iterate_in_threadpool(body.pieces(head))
    return StreamingResponse(pieces, headers=headers, media_type=form.media_type)


def _in_headers(head: FileAnswer) -> dict[str, str]:
    """For forms without a place for it: what is told of the file and of the answers, as JSON, unless it is too long."""
    told = {name: _in_a_header(value) for name, value in msgspec.to_builtins(head).items() if name in TOLD}
    return {f"X-{name.title().replace('_', '-')}": text for name, text in told.items() if text}


def _in_a_header(value: object) -> str:
    """Of what has too many entries as many of the first as there is room for; "" for what is too long at all."""
    while len(text := json.dumps(value)) > MAX_HEADER_CHARS:
        if not isinstance(value, dict) or len(value) < 2:
            return ""
        value = dict(islice(value.items(), len(value) // 2))
    return text


def _forwarded(request: Request, task: Task, rows: Iterator[Rows], form: AnswerForm, explains: bool) -> Answered:
    exchange = get.answering(wired(request), explains).execute(task.name, rows)
    unseen = Unseen(exchange.served.runner.card)
    return Answered(exchange.served, form.collect(exchange.served, unseen.watched(exchange.parts)), unseen)


def _evaluated(request: Request, task: Task, rows: Iterator[Rows], form: AnswerForm, explains: bool) -> Answered:
    evaluation = get.evaluate(wired(request), explains).execute(task.name, rows)
    unseen = Unseen(evaluation.served.runner.card)
    body = form.collect(evaluation.served, unseen.watched(evaluation.parts))
    try:
        return Answered(evaluation.served, body, unseen, evaluation.metrics(), evaluation.rows_without_target)
    except BaseException:
        body.close()
        raise


def _form(request: Request, forms: Sequence[AnswerForm]) -> AnswerForm:
    """Raises: InvalidInput for an answer that cannot be had."""
    by_type = {form.media_type: form for form in forms}
    kind = accepted(request, tuple(by_type))
    if kind is None:
        raise InvalidInput(f"the answer can be {' or '.join(by_type)}, not {request.headers['accept']}")
    return by_type[kind]
