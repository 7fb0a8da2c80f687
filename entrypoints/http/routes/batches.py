"""Whole files: answered, or answered and judged."""
from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import BinaryIO

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from application.ports.serving_models import ServedModel
from application.use_cases.evaluate import Evaluate
from application.use_cases.forward_batch import ForwardBatch
from domain.errors import InvalidInput
from domain.prediction import CompactPredictions, Predictions
from domain.rows import TextRows
from domain.task import Kind, Task
from entrypoints.csv_rows import Answered, again, answered, answered_csv, text_rows
from entrypoints.http import openapi, picture_batches
from entrypoints.http.accept import accepted
from entrypoints.http.dependencies import request_id, task_of_file, wired
from entrypoints.http.spooled import Spooled
from entrypoints.http.uploads import receive
from entrypoints.wiring import get, ports

router = APIRouter(tags=["batches"])
RAW_TYPES = ("text/csv", "application/zip")
_JSON_ROWS = 16_384


@router.post("/forward_batch", summary="Answer every row of a file", description=ForwardBatch.__doc__,
             **openapi.batch(evaluated=False))
async def forward_batch(request: Request) -> Response:
    return await _answer(request, {Kind.TABULAR: _forwarded, Kind.IMAGE: picture_batches.forwarded})


@router.post("/evaluate", summary="Answer every row of a labelled file, and say how good the answers are",
             description=Evaluate.__doc__, **openapi.batch(evaluated=True))
async def evaluate(request: Request) -> Response:
    return await _answer(request, {Kind.TABULAR: _evaluated, Kind.IMAGE: picture_batches.evaluated})


Work = Callable[[Request, Task, BinaryIO], Response]


async def _answer(request: Request, works: Mapping[Kind, Work]) -> Response:
    """Spools the file, does the work in a thread, and keeps slot and file until the last byte has gone out."""
    container = wired(request)
    received = await receive(request, ports.settings(container).max_body_bytes, RAW_TYPES)
    slots = get.slots(container)
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
        response = await run_in_threadpool(works[task.kind], request, task, received.file)
    except BaseException:
        release()
        raise
    return Releasing(response, release)


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


def _rows(request: Request, file: BinaryIO) -> Callable[[], Iterator[TextRows]]:
    container = wired(request)
    return lambda: text_rows(ports.csv_codec(container), file, ports.csv_limits(container))


def _forwarded(request: Request, task: Task, file: BinaryIO) -> Response:
    container, name, rows = wired(request), task.name, _rows(request, file)
    wants_csv, answer = _wants_csv(request), get.forward_batch(container).execute(name, rows())
    if wants_csv:
        return _csv(request, answer.served, answered(answer.parts), {})
    gathered = CompactPredictions(answer.served.runner.card.labels)
    for part in answer.parts:
        gathered.add(part.predictions)
    return _json(request, answer.served, gathered.whole(), {})


def _evaluated(request: Request, task: Task, file: BinaryIO) -> Response:
    rows, wants_csv = _rows(request, file), _wants_csv(request)
    evaluation = get.evaluate(wired(request)).execute(task.name, rows())
    if wants_csv:
        return _csv(request, evaluation.served, again(rows(), evaluation.predictions),
                    {"X-Metrics": json.dumps(evaluation.metrics)})
    return _json(request, evaluation.served, evaluation.predictions, {"metrics": evaluation.metrics})


def _wants_csv(request: Request) -> bool:
    """Raises: InvalidInput for an answer that cannot be had."""
    kind = accepted(request, ("application/json", "text/csv"))
    if kind is None:
        raise InvalidInput(f"the answer can be application/json or text/csv, not {request.headers['accept']}")
    return kind == "text/csv"


def _csv(request: Request, served: ServedModel, parts: Iterator[Answered], headers: dict[str, str]) -> Response:
    pieces = answered_csv(ports.csv_codec(wired(request)), parts, served.runner.card.labels)
    headers |= {"X-Task": served.task.name, "X-Experiment-ID": str(served.experiment_id)}
    with Spooled() as spool:
        for piece in pieces:
            spool.file.write(piece)
        return spool.response("text/csv", headers)


def _json(request: Request, served: ServedModel, predictions: Predictions, more: dict[str, object]) -> Response:
    head = {"request_id": request_id(request), "task": served.task.name, "experiment_id": served.experiment_id,
            "count": predictions.n_rows} | more
    return StreamingResponse(iterate_in_threadpool(_json_pieces(head, predictions)), media_type="application/json")


def _json_pieces(head: dict[str, object], predictions: Predictions) -> Iterator[bytes]:
    """The answer piece by piece: as one text it would take several times the memory of the numbers."""
    yield msgspec.json.encode(head)[:-1] + b',"predictions":'
    yield from _array_pieces(predictions.values)
    if predictions.probabilities is None:
        yield b',"probabilities":null}'
        return
    for position, label in enumerate(predictions.labels):
        yield (b"," if position else b',"probabilities":{') + msgspec.json.encode(str(label)) + b":"
        yield from _array_pieces(predictions.probabilities[:, position])
    yield b"}}"


def _array_pieces(values) -> Iterator[bytes]:
    yield b"["
    for start in range(0, len(values), _JSON_ROWS):
        yield (b"," if start else b"") + msgspec.json.encode(values[start:start + _JSON_ROWS].tolist())[1:-1]
    yield b"]"
