"""Answers of the models."""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.data.picture_rows import refused
from application.use_cases.forward import Forward
from domain.errors import InvalidInput
from domain.picture_answer import Output, read_output, read_threshold
from domain.task import Kind
from entrypoints.http import openapi
from entrypoints.http.answers import json_response, one_answer
from entrypoints.http.bodies import media_type, read_json
from entrypoints.http.dependencies import request_id, task_name, upload_in_slot, wired
from entrypoints.http.routes.batches import RAW_TYPES
from entrypoints.http.uploads import Upload
from entrypoints.json_rows import decode_row
from entrypoints.picture_files import Wish, drawn, is_video, rows_of_picture
from entrypoints.wiring import get, ports

router = APIRouter(tags=["forward"])
# No row is so long, but a body may be: a million unknown keys would keep everybody else waiting for seconds.
LARGE_ROW_BYTES = 64 << 10


@router.post("/forward", summary="Answer one row", description=Forward.__doc__, **openapi.forward())
async def forward(request: Request) -> Response:
    if media_type(request) == "multipart/form-data":
        return await _picture(request)
    _check_type(media_type(request))
    body = await read_json(request, ports.settings(wired(request)).max_json_bytes)
    if len(body) > LARGE_ROW_BYTES:
        return await run_in_threadpool(_answer_row, request, body)
    # Decoding, coercion and one inference take less time than handing them to a thread and back would.
    return _answer_row(request, body)


def _check_type(kind: str) -> None:
    """Says where to go with what is no row. Raises: InvalidInput."""
    if kind.startswith("image/"):
        raise InvalidInput(f"got {kind}; a picture comes as the field image of multipart/form-data")
    if kind in RAW_TYPES:
        raise InvalidInput(f"got {kind}; whole files go to /forward_batch")
    if kind.startswith("video/"):
        raise InvalidInput(f"got {kind}; videos go to /forward_batch, in a zip")


def _answer_row(request: Request, body: bytes) -> Response:
    answer = get.forward(wired(request)).execute(task_name(request, Kind.TABULAR), decode_row(body))
    prediction, probabilities = one_answer(answer.predictions)
    return json_response({
        "request_id": request_id(request),
        "task": answer.served.task.name,
        "experiment_id": answer.served.experiment_id,
        "prediction": prediction,
        "probabilities": probabilities,
    })


async def _picture(request: Request) -> Response:
    """One picture as the field `image`; what the answer is to look like stands in the headers."""
    wishes, max_bytes = _read_wishes(request.headers), ports.settings(wired(request)).max_picture_bytes
    name = await run_in_threadpool(task_name, request, Kind.IMAGE)
    async with upload_in_slot(request, max_bytes, (), "image") as received:
        return json_response(await run_in_threadpool(_answer_picture, request, name, received, wishes))


def _answer_picture(request: Request, name: str, received: Upload, wishes: list[Wish]) -> dict[str, object]:
    container = wired(request)
    task = ports.task_catalog(container).get(name)
    if task.kind is not Kind.IMAGE:
        raise InvalidInput(f"the task {name} takes rows of a table as JSON, not pictures")
    reader = get.picture_reader(container)
    rows = rows_of_picture(reader, task, received.name or "image", received.file.read())
    answer = get.forward_batch(container).execute(name, [rows])
    try:
        part, = answer.parts
    except InvalidInput as failure:
        raise _shown_the_way(received.name, failure) from failure
    head = {"request_id": request_id(request), "task": name, "experiment_id": answer.served.experiment_id}
    answers = [drawn(answer.served.task, reader.codec, part.inputs, part.predictions, wish).as_fields()
               for wish in wishes]
    if len(wishes) > 1:
        head["images"] = {wish.output: found["image"] for wish, found in zip(wishes, answers, strict=True)}
    return head | answers[0]


def _shown_the_way(name: str, failure: InvalidInput) -> InvalidInput:
    """What is wrong with a file that is no picture: that it came to the wrong place, if its name tells."""
    suffix = PurePath(name).suffix.lower()
    if is_video(name):
        return refused(name, "is a video; videos go to /forward_batch, in a zip")
    return refused(name, "is no picture; whole files go to /forward_batch") if suffix in (".zip", ".csv") else failure


def _read_wishes(headers: Mapping[str, str]) -> list[Wish]:
    """X-Output may name several, so that one run of the model is enough to see them all. Raises: InvalidInput."""
    outputs = [read_output(text) for text in headers.get("x-output", Output.MASK).split(",")]
    threshold = read_threshold(headers.get("x-threshold"))
    return [Wish(output, threshold) for output in dict.fromkeys(outputs)]
