"""A look into the data: a few rows, the columns, and whether a file would fit in."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.ports.serving_models import ServingModels
from application.queries.versions import find_version
from application.use_cases.check_rows import CheckRows
from application.use_cases.undo_data import UndoData
from domain.api_key import Right
from domain.errors import NothingDeployed
from domain.unseen import Unseen
from entrypoints.answers.datasets import CheckedAnswer, ColumnsAnswer, Drawn, PicturesAnswer, SampleAnswer
from entrypoints.answers.versions import UndoneAnswer
from entrypoints.formats.detecting import MEDIA_TYPES
from entrypoints.formats.picture_previews import PicturePreviews
from entrypoints.http import openapi
from entrypoints.http.deadlines import Work, within
from entrypoints.http.dependencies import caller_name, upload_in_slot, wired
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.http.upload_events import ToldRoute, reading, told
from entrypoints.http.while_wanted import run_while_wanted
from entrypoints.wiring import get, ports

router = APIRouter(tags=["tasks"], route_class=ToldRoute)
# Ids and versions are 64-bit in the database.
Version = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Dataset version; the newest, if left out")]
_PNG: openapi.Responses = {200: {"description": "The picture", "content": {"image/png": {
    "schema": {"type": "string", "format": "binary"}}}}}
# What a digest names never changes.
_FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


@router.get("/datasets/{task}/sample", summary="A few rows of the data",
            responses=openapi.ok(SampleAnswer) | openapi.problems(400, 404, 503))
@needs(Right.READ)
def sample(
    task: str, request: Request, version: Version = None,
    rows: Annotated[int, Query(ge=1, le=100)] = 1,
) -> Response:
    """The first rows as `/forward` takes them, with the target beside; private columns are null."""
    container = wired(request)
    found = ports.task_catalog(container).get(task)
    number = find_version(ports.feature_store(container), task, version).version
    table = next(iter(ports.feature_store(container).read(found, number, chunk_rows=rows)))
    return json_response(SampleAnswer.of(found, number, table, rows))


@router.get("/datasets/{task}/columns", summary="What the columns hold",
            responses=openapi.ok(ColumnsAnswer) | openapi.problems(400, 404, 503))
@needs(Right.READ)
@within(Work.FILE)
def columns(task: str, request: Request, version: Version = None) -> Response:
    """A histogram or the most frequent values of each stored column, and how often a value is missing. Of many rows an
    even part is looked at (`looked_at`); of a private column only the missing values are counted."""
    container = wired(request)
    return json_response(ColumnsAnswer.of(
        task, get.column_summaries(container).of(ports.task_catalog(container).get(task), version)))


@router.get("/datasets/{task}/pictures", summary="The stored pictures, the newest first",
            responses=openapi.ok(PicturesAnswer) | openapi.problems(400, 404, 503))
@needs(Right.READ)
@within(Work.FILE)
def pictures(
    task: str, request: Request, version: Version = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Only rows above this one")] = None,
    label: Annotated[str | None, Query(max_length=1_000, description="Only pictures of this class")] = None,
) -> Response:
    """Each with its row in the dataset version, the digests under which picture and mask are fetched, its size, and the
    share of its pixels that is of each class; without masks the class of the picture. `next` is the `before` of the
    next page."""
    container = wired(request)
    return json_response(PicturesAnswer.of(task, get.picture_gallery(container).page(
        ports.task_catalog(container).get(task), version, limit, before, label)))


@router.get("/datasets/{task}/pictures/{sha256}", summary="A stored picture or mask", response_class=Response,
            responses=_PNG | openapi.problems(400, 404, 503))
@needs(Right.READ)
def picture(
    task: str, request: Request, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    draw: Annotated[Drawn | None, Query(
        description="For eyes: a picture stretched to 8 bits, a mask in colours")] = None,
    max_px: Annotated[int | None, Query(ge=8, le=4096, description="Of the longer side; smaller ones stay")] = None,
) -> Response:
    """Without `draw` and `max_px` the file as it is stored: a picture without loss, a mask as the numbers of the
    classes. It never changes, so it may be kept for ever."""
    container = wired(request)
    found, gallery = ports.task_catalog(container).get(task), get.picture_gallery(container)
    content = gallery.file(sha256) if draw is None and max_px is None else gallery.drawn(
        found, sha256, draw is Drawn.MASK, max_px)
    return Response(content, media_type="image/png", headers=_FOR_EVER)


@router.delete("/datasets/{task}/versions/newest", summary="Take the newest data back", description=UndoData.__doc__,
               responses=openapi.ok(UndoneAnswer) | openapi.problems(400, 404, 409, 503))
@needs(Right.DATA)
def undo(
    task: str, request: Request,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Only if this is the newest one")] = None,
) -> Response:
    container = wired(request)
    undone = get.undo_data(container).execute(task, version, caller_name(request))
    return json_response(UndoneAnswer.of(undone, ports.feature_store(container).versions(task)))


@router.post("/datasets/{task}/check", summary="Would this labelled file be taken?", description=CheckRows.__doc__,
             **openapi.check_data())
@needs(Right.DATA)
@within(Work.FILE)
@told
async def check(
    task: str, request: Request,
    preview: Annotated[int, Query(ge=0, le=24, description="Of pictures: how many of the first to show, small")] = 0,
) -> Response:
    container = wired(request)
    found = await run_in_threadpool(ports.task_catalog(container).get, task)
    async with upload_in_slot(request, ports.settings(container).max_body_bytes, MEDIA_TYPES) as received:
        reading(request).begin(received.file)
        rows = await run_in_threadpool(
            get.formats(container)[found.kind].rows, found, received.file, True, received.charset)
        parts = get.check_rows(container).execute(task, reading(request).of_file(rows), labelled=True)
        previews = PicturePreviews(found, ports.picture_codec(container), preview)
        unseen = _unseen(get.serving_models(container), task)
        await run_while_wanted(request, found.kind, previews.look, unseen.watched(parts) if unseen else parts)
    return json_response(CheckedAnswer.of(
        task, previews.rows, previews.rows_without_target, previews.taken if preview else None,
        unseen.shares() if unseen else {}, rows))


def _unseen(models: ServingModels, task: str) -> Unseen | None:
    """What the model that serves has never seen; None where nothing serves."""
    try:
        return Unseen(models.current(task).runner.card)
    except NothingDeployed:
        return None
