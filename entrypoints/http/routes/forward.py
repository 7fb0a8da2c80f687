"""Answers of the models."""
from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import PurePath

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.pictures.picture_rows import refused
from application.use_cases.answer_rows import Exchange
from application.use_cases.explain_rows import OF_PICTURES
from domain.api_key import Right
from domain.errors import InvalidInput, TooLarge
from domain.kinds.kind import Kind
from domain.rows import JsonRow, Rows
from entrypoints.formats.detecting import MEDIA_TYPES
from entrypoints.formats.json_rows import decode_one_or_some, rows_of
from entrypoints.formats.picture_problem import is_video
from entrypoints.formats.picture_wish import PictureWish, read_wishes
from entrypoints.formats.tables import row_answers, some_answers, unknown_to
from entrypoints.http import openapi
from entrypoints.http.bodies import media_type, read_json
from entrypoints.http.deadlines import Work, within
from entrypoints.http.dependencies import Explain, Extra, ExtraColumns, request_id, task_name, wired
from entrypoints.http.large import decoded, read_in_room
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.http.taking import take_whole
from entrypoints.http.uploads import Upload, upload
from entrypoints.http.while_wanted import run_while_wanted
from entrypoints.wiring import get, ports

router = APIRouter(tags=["forward"])


@router.post("/forward", summary="Answer one row", **openapi.forward())
@needs(Right.PREDICT)
@within(Work.ROW, of_forms=Work.PICTURE)
async def forward(request: Request, extra: ExtraColumns = Extra.REFUSE, explain: Explain = False) -> Response:
    """Answers one row with the model that serves the task; or some rows, a JSON array of at most
    PROGON_MAX_FORWARD_ROWS, as `/forward_batch` answers a file.

    Every feature must be there by its name; `null` means missing, where the task allows it. A number column takes
    JSON numbers, a category column strings. The target, ids and other columns that the task knows but the model does
    not use may stay in the row.
    """
    if media_type(request) == "multipart/form-data":
        if explain:
            raise InvalidInput(OF_PICTURES)
        return await _picture(request)
    _check_type(media_type(request))
    body = await read_json(request, ports.settings(wired(request)).max_json_bytes)
    answer = partial(_answer_json, request, extra, explain)
    if explain:
        async with get.slots(wired(request)).taken():
            return await run_while_wanted(request, Kind.TABULAR, read_in_room, ports.room(wired(request)), body, answer)
    # Of a usual row decoding, coercion and one inference take less time than handing them to a thread and back would.
    return await decoded(request, body, answer)


def _check_type(kind: str) -> None:
    """Says where to go with what is no row. Raises: InvalidInput."""
    if kind.startswith("image/"):
        raise InvalidInput(f"got {kind}; a picture comes as the field image of multipart/form-data")
    if kind in MEDIA_TYPES:
        raise InvalidInput(f"got {kind}; whole files go to /forward_batch")
    if kind.startswith("video/"):
        raise InvalidInput(f"got {kind}; videos go to /forward_batch, in a zip")


def _answer_json(request: Request, extra: Extra, explains: bool, body: bytes) -> Response:
    sent = decode_one_or_some(body, partial(_check_number, request))
    answer = (_answer_one(request, JsonRow(sent), extra, explains) if isinstance(sent, Mapping) else
              _answer_some(request, sent, extra, explains))
    return Response(answer, media_type="application/json")


def _answer_one(request: Request, row: JsonRow, extra: Extra, explains: bool) -> bytes:
    exchange, ignored = _exchanged(request, row, extra, explains)
    answer, = row_answers([request_id(request)], exchange)
    return answer[:-1] + b',"ignored":' + msgspec.json.encode(ignored) + b"}" if ignored else answer


def _answer_some(request: Request, rows: Sequence[object], extra: Extra, explains: bool) -> bytes:
    _check_number(request, len(rows))
    exchange, ignored = _exchanged(request, rows_of(rows), extra, explains)
    return some_answers(request_id(request), exchange, ignored)


def _check_number(request: Request, rows: int) -> None:
    """rows: at least so many. Raises: TooLarge."""
    if rows > (most := ports.settings(wired(request)).max_forward_rows):
        raise TooLarge(f"there are more than {most:,} rows, which is what /forward takes (PROGON_MAX_FORWARD_ROWS); "
                       "more go as a file to /forward_batch")


def _exchanged(request: Request, rows: Rows, extra: Extra, explains: bool) -> tuple[Exchange, Sequence[str]]:
    """And the columns that are ignored."""
    name = task_name(request, Kind.TABULAR)
    exchange = get.answering(wired(request), explains).execute(
        name, rows.tolerant() if extra is Extra.IGNORE else rows)
    return exchange, unknown_to(exchange.served.task, rows.names) if extra is Extra.IGNORE else ()


async def _picture(request: Request) -> Response:
    """One picture as the field `image`; what the answer is to look like stands in the headers."""
    container, wishes = wired(request), read_wishes(request.headers)
    name = request.query_params.get("task")
    if not name:  # then the database is asked which one is meant
        name = await run_in_threadpool(task_name, request, Kind.IMAGE)
    async with (upload(request, ports.settings(container).max_picture_bytes, (), "image") as received,
                get.slots(container).taken()):
        return json_response(await run_while_wanted(
            request, Kind.IMAGE, _answer_picture, request, name, received, wishes))


def _answer_picture(request: Request, name: str, received: Upload, wishes: Sequence[PictureWish]) -> dict[str, object]:
    # As it is served, which is at hand: the database would be asked for each picture.
    task = get.serving_models(wired(request)).current(name).task
    formats = get.formats(wired(request))[task.kind]
    for wish in wishes:
        formats.check(task, wish)
    take_whole(ports.room(wired(request)), received.file.seek(0, os.SEEK_END))
    received.file.seek(0)
    picture = formats.picture(task, received.name or "image", received.file.read())
    try:
        exchange = get.answering(wired(request)).execute(name, picture)
    except InvalidInput as failure:
        raise _shown_the_way(received.name, failure) from failure
    part, = exchange.parts
    head = {"request_id": request_id(request), "task": name, "experiment_id": exchange.served.experiment_id}
    return head | formats.single(exchange.served.task, part, wishes)


def _shown_the_way(name: str, failure: InvalidInput) -> InvalidInput:
    """What is wrong with a file that is no picture: that it came to the wrong place, if its name tells."""
    suffix = PurePath(name).suffix.lower()
    if is_video(name):
        return refused(name, "is a video; videos go to /forward_batch, in a zip")
    return refused(name, "is no picture; whole files go to /forward_batch") if suffix in (".zip", ".csv") else failure
