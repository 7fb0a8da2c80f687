"""New labelled data."""
from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.use_cases.add_data import AddData
from entrypoints.http import openapi
from entrypoints.http.answers import json_response
from entrypoints.http.dependencies import container, task_of_file
from entrypoints.http.routes.batches import RAW_TYPES
from entrypoints.http.uploads import upload
from entrypoints.labelled_rows import labelled_rows
from entrypoints.task_answers import added_body

router = APIRouter(tags=["data"])


@router.put("/add_data", summary="Add labelled rows", description=AddData.__doc__, **openapi.add_data())
async def add_data(request: Request) -> Response:
    wired = container(request)
    async with upload(request, wired.settings().max_body_bytes, RAW_TYPES) as received, wired.slots().taken():
        task = await run_in_threadpool(task_of_file, request, received)
        rows = labelled_rows(wired, task, received.file)
        added = await run_in_threadpool(wired.add_data().execute, task.name, rows)
    return json_response(added_body(added))
