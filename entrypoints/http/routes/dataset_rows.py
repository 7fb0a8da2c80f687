"""A dataset version as a file."""
from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.responses import Response, StreamingResponse

from application.queries.versions import find_version
from domain.api_key import Right
from domain.errors import InvalidInput
from domain.masking import without_private
from entrypoints.formats.detecting import MEDIA_TYPES
from entrypoints.formats.formats import Stored
from entrypoints.http import openapi
from entrypoints.http.accept import accepted
from entrypoints.http.deadlines import Work, within
from entrypoints.http.dependencies import wired
from entrypoints.http.responses import Releasing
from entrypoints.http.rights import needs
from entrypoints.http.routes.datasets import Version
from entrypoints.wiring import get, ports

router = APIRouter(tags=["tasks"])


@router.get("/datasets/{task}/rows", summary="The rows of a dataset version", response_class=StreamingResponse,
            responses=openapi.FILE | openapi.problems(400, 404, 503))
@needs(Right.READ)
@within(Work.FILE)
async def rows(
    task: str, request: Request, version: Version = None,
    format: Annotated[Literal["csv", "parquet", "arrow", "zip"] | None, Query(
        description="zip is for pictures, the others for tables. Else what Accept says")] = None,
) -> Response:
    """All rows in the order in which they came, as a file that `/add_data` takes back. Cells of private columns are
    missing."""
    slots = get.slots(wired(request))
    await slots.take()
    try:
        stored = await run_in_threadpool(_stored, request, task, version, format)
    except BaseException:
        slots.give_back()
        raise
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(task)}.{stored.suffix}"}
    pieces = iterate_in_threadpool(stored.pieces)
    return Releasing(StreamingResponse(pieces, headers=headers, media_type=stored.media_type), slots.give_back)


def _stored(request: Request, task: str, version: int | None, form: str | None) -> Stored:
    container = wired(request)
    found, store = ports.task_catalog(container).get(task), ports.feature_store(container)
    tables = store.read(found, find_version(store, task, version).version, chunk_rows=8_192)
    shown = (without_private(found.schema, table) for table in tables)
    return get.formats(container)[found.kind].stored(found, shown, form or _wanted(request))


def _wanted(request: Request) -> str:
    """Raises: InvalidInput."""
    kind = accepted(request, ("text/csv", *MEDIA_TYPES))
    if kind is None:
        raise InvalidInput(f"the rows cannot be had as {request.headers['accept']}")
    return kind
