"""Answers of the models."""
from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.use_cases.forward import Forward
from domain.errors import InvalidInput
from domain.task import Kind
from entrypoints.http import openapi
from entrypoints.http.answers import json_response, one_answer
from entrypoints.http.bodies import media_type, read_json
from entrypoints.http.dependencies import container, request_id, task_name
from entrypoints.http.uploads import Upload, upload
from entrypoints.json_rows import decode_row
from entrypoints.picture_files import Wish, drawn, read_wish, rows_of_picture

router = APIRouter(tags=["forward"])
# No row is so long, but a body may be: a million unknown keys would keep everybody else waiting for seconds.
LARGE_ROW_BYTES = 64 << 10


@router.post("/forward", summary="Answer one row", description=Forward.__doc__, **openapi.forward())
async def forward(request: Request) -> Response:
    if media_type(request) == "multipart/form-data":
        return await _picture(request)
    body = await read_json(request, container(request).settings().max_json_bytes)
    if len(body) > LARGE_ROW_BYTES:
        return await run_in_threadpool(_answer_row, request, body)
    # Decoding, coercion and one inference take less time than handing them to a thread and back would.
    return _answer_row(request, body)


def _answer_row(request: Request, body: bytes) -> Response:
    answer = container(request).forward().execute(task_name(request, Kind.TABULAR), decode_row(body))
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
    wired, wish = container(request), read_wish(request.headers)
    name = await run_in_threadpool(task_name, request, Kind.IMAGE)
    async with upload(request, wired.settings().max_picture_bytes, (), "image") as received, wired.slots().taken():
        return json_response(await run_in_threadpool(_answer_picture, request, name, received, wish))


def _answer_picture(request: Request, name: str, received: Upload, wish: Wish) -> dict[str, object]:
    wired = container(request)
    task = wired.task_catalog().get(name)
    if task.kind is not Kind.IMAGE:
        raise InvalidInput(f"the task {name} takes rows of a table as JSON, not pictures")
    rows = rows_of_picture(wired, task, received.name or "image", received.file.read())
    answer = wired.forward_batch().execute(name, [rows])
    part, = answer.parts
    head = {"request_id": request_id(request), "task": name, "experiment_id": answer.served.experiment_id}
    return head | drawn(answer.served.task, wired.picture_codec(), part.inputs, part.predictions, wish).as_fields()
