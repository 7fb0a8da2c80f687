"""True labels that come later than the answers."""
from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.serving.current_request import meant
from application.use_cases.add_labels import AddLabels, LabelsAdded
from domain.api_key import Right
from entrypoints.answers.labels import LabelsAnswer
from entrypoints.formats.detecting import MEDIA_TYPES
from entrypoints.formats.json_rows import decode_rows
from entrypoints.formats.table_format import TableRows
from entrypoints.http import openapi
from entrypoints.http.bodies import media_type, read_json
from entrypoints.http.deadlines import Work, within
from entrypoints.http.dependencies import task_name, upload_in_slot, wired
from entrypoints.http.large import decoded
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.http.upload_events import ToldRoute, reading, told
from entrypoints.http.uploads import Upload
from entrypoints.wiring import get, ports

router = APIRouter(tags=["data"], route_class=ToldRoute)


@router.put("/labels", summary="Add true labels of earlier answers", description=AddLabels.__doc__,
            **openapi.add_labels())
@needs(Right.DATA)
@within(Work.FILE)
@told
async def add_labels(request: Request) -> Response:
    settings = ports.settings(wired(request))
    name = await run_in_threadpool(task_name, request, None)
    if media_type(request) == "application/json":
        body = await read_json(request, settings.max_json_bytes)
        rows = await decoded(request, body, decode_rows)
        return json_response(LabelsAnswer.of(await run_in_threadpool(_added, request, name, [rows])))
    async with upload_in_slot(request, settings.max_body_bytes, MEDIA_TYPES) as received:
        reading(request).begin(received.file)
        return json_response(LabelsAnswer.of(await run_in_threadpool(_added, request, name, received)))


def _added(request: Request, name: str, labels: Sequence[TableRows] | Upload) -> LabelsAdded:
    ports.task_catalog(wired(request)).get(name)
    meant(name)
    rows = reading(request).watched(get.table_reader(wired(request)).read(labels.file, labels.charset).some()) if (
        isinstance(labels, Upload)) else labels
    return get.add_labels(wired(request)).execute(name, rows)
