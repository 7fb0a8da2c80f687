"""New labelled data."""
from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.use_cases.add_data import AddData
from entrypoints.answers.versions import AddedAnswer
from entrypoints.formats.detecting import MEDIA_TYPES
from entrypoints.http import openapi
from entrypoints.http.dependencies import task_of_file, upload_in_slot, wired
from entrypoints.http.responses import json_response
from entrypoints.wiring import get, ports

router = APIRouter(tags=["data"])


@router.put("/add_data", summary="Add labelled rows", description=AddData.__doc__, **openapi.add_data())
async def add_data(request: Request) -> Response:
    container = wired(request)
    async with upload_in_slot(request, ports.settings(container).max_body_bytes, MEDIA_TYPES) as received:
        task = await run_in_threadpool(task_of_file, request, received)
        formats = get.formats(container)[task.kind]
        rows = formats.rows(task, received.file, labelled=True)
        added = await run_in_threadpool(get.add_data(container).execute, task.name, rows)
        passed_over = await run_in_threadpool(formats.passed_over, received.file, True)
    return json_response(AddedAnswer.of(added, passed_over))
