"""New labelled data."""
from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.serving.wanted import to_its_end
from application.use_cases.add_data import AddData, DataAdded
from domain.api_key import Right
from domain.task import Task
from entrypoints.answers.versions import AddedAnswer
from entrypoints.formats.detecting import MEDIA_TYPES
from entrypoints.formats.formats import FileRows
from entrypoints.http import openapi
from entrypoints.http.deadlines import Work, within
from entrypoints.http.dependencies import task_of_file, upload_in_slot, wired
from entrypoints.http.once import once
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.http.upload_events import ToldRoute, reading, told
from entrypoints.http.uploads import Upload
from entrypoints.wiring import get, ports

router = APIRouter(tags=["data"], route_class=ToldRoute)


@router.put("/add_data", summary="Add labelled rows", description=AddData.__doc__, **openapi.add_data())
@needs(Right.DATA)
@within(Work.FILE)
@once
@told
async def add_data(request: Request) -> Response:
    container = wired(request)
    async with upload_in_slot(request, ports.settings(container).max_body_bytes, MEDIA_TYPES) as received:
        reading(request).begin(received.file)
        task = await run_in_threadpool(task_of_file, request, received)
        added, rows = await run_in_threadpool(_added, request, task, received)
        warnings = await run_in_threadpool(_few, request, task)
    return json_response(AddedAnswer.of(added, rows, warnings))


def _few(request: Request, task: Task) -> Sequence[str]:
    with to_its_end():
        return get.few_labels(wired(request)).of(task)


def _added(request: Request, task: Task, received: Upload) -> tuple[DataAdded, FileRows]:
    rows = get.formats(wired(request))[task.kind].rows(task, received.file, True, received.charset)
    return get.add_data(wired(request)).execute(task.name, reading(request).of_file(rows)), rows
