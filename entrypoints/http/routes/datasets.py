"""A look into the data: a few rows, the columns, and whether a file would fit in."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.ports.feature_store import UnknownDatasetVersion
from application.use_cases.check_rows import CheckRows
from entrypoints.http import openapi
from entrypoints.http.answers import json_response
from entrypoints.http.dependencies import container
from entrypoints.http.routes.batches import RAW_TYPES
from entrypoints.http.uploads import upload
from entrypoints.labelled_rows import labelled_rows
from entrypoints.task_answers import column_summaries_body, row_body

router = APIRouter(tags=["tasks"])
# Ids and versions are 64-bit in the database.
Version = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Dataset version; the newest, if left out")]
_ROWS = openapi.fields(task=openapi.STRING, dataset_version=openapi.INTEGER, rows=openapi.list_of(openapi.OBJECT))
_COLUMNS = openapi.fields(task=openapi.STRING, dataset_version=openapi.INTEGER, rows=openapi.INTEGER,
                          looked_at=openapi.INTEGER, columns=openapi.list_of(openapi.OBJECT))


@router.get("/datasets/{task}/sample", summary="A few rows of the data",
            responses=openapi.ok(_ROWS) | openapi.problems(400, 404, 503))
def sample(
    task: str, request: Request, version: Version = None,
    rows: Annotated[int, Query(ge=1, le=100)] = 1,
) -> Response:
    """The first rows as `/forward` takes them, with the target beside; private columns are null."""
    wired = container(request)
    found = wired.task_catalog().get(task)
    versions = wired.feature_store().versions(task)
    if not versions:
        raise UnknownDatasetVersion(f"task {task} has no data yet")
    number = version or versions[-1].version
    table = next(iter(wired.feature_store().read(found, number, chunk_rows=rows)))
    taken = [row_body(found, table, position) for position in range(min(rows, table.n_rows))]
    return json_response({"task": task, "dataset_version": number, "rows": taken})


@router.get("/datasets/{task}/columns", summary="What the columns hold",
            responses=openapi.ok(_COLUMNS) | openapi.problems(400, 404, 503))
def columns(task: str, request: Request, version: Version = None) -> Response:
    """A histogram or the most frequent values of each stored column, and how often a value is missing. Of many rows an
    even part is looked at (`looked_at`); of a private column only the missing values are counted."""
    wired = container(request)
    return json_response(column_summaries_body(
        task, wired.column_summaries().of(wired.task_catalog().get(task), version)))


@router.post("/datasets/{task}/check", summary="Would this labelled file be taken?", description=CheckRows.__doc__,
             **openapi.check_data())
async def check(task: str, request: Request) -> Response:
    wired = container(request)
    async with upload(request, wired.settings().max_body_bytes, RAW_TYPES) as received, wired.slots().taken():
        rows = labelled_rows(wired, wired.task_catalog().get(task), received.file)
        count = await run_in_threadpool(wired.check_rows().execute, task, rows, labelled=True)
    return json_response({"task": task, "rows": count})
