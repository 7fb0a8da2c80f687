"""New labelled data."""
from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.use_cases.add_data import AddData
from domain.task import Kind
from entrypoints.csv_rows import text_rows
from entrypoints.http import openapi
from entrypoints.http.answers import json_response
from entrypoints.http.dependencies import container, task_name
from entrypoints.http.routes.batches import RAW_TYPES
from entrypoints.http.uploads import upload

router = APIRouter(tags=["data"])


@router.put("/add_data", summary="Add labelled rows", description=AddData.__doc__, **openapi.add_data())
async def add_data(request: Request) -> Response:
    wired = container(request)
    name = await run_in_threadpool(task_name, request, Kind.TABULAR)
    async with upload(request, wired.settings().max_body_bytes, RAW_TYPES) as received, wired.slots().taken():
        rows = text_rows(wired.csv_codec(), received.file, wired.csv_limits())
        added = await run_in_threadpool(wired.add_data().execute, name, rows)
    version = added.appended.version
    return json_response({
        "task": version.task,
        "batch_id": version.batch_id,
        "dataset_version": version.version,
        "rows_added": 0 if added.appended.duplicate else version.rows_added,
        "duplicate": added.appended.duplicate,
        "late_labels": added.late_labels,
    })
