"""What was done, by whom."""
from __future__ import annotations

from functools import partial
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.responses import Response, StreamingResponse

from application.queries.whole_history import whole
from domain.api_key import Right
from domain.errors import Fault, InvalidInput
from domain.history import CHANGES
from entrypoints.answers.history import AuditAnswer, EntryAnswer, HistoryAnswer
from entrypoints.formats.moments import read_after
from entrypoints.http import openapi
from entrypoints.http.accept import accepted
from entrypoints.http.deadlines import Work, within
from entrypoints.http.dependencies import wired
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.wiring import ports

router = APIRouter(tags=["history"])
NDJSON = "application/x-ndjson"


@router.get("/history", summary="Changes and removals, newest first",
            responses=openapi.ok(HistoryAnswer) | openapi.problems(400, 503))
@needs(Right.READ)
def history(
    request: Request, task: Annotated[str | None, Query(description="Of this task alone, there or not")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Ids below this one")] = None,
) -> Response:
    """Every change of a task, and every task, experiment and dataset version that was removed: when, by whose key, what
    it was and what was there before. Entries stay for ever, those of deleted tasks too."""
    found = ports.history(wired(request)).newest(task, limit + 1, before, CHANGES)
    return json_response(HistoryAnswer.of(found, limit))


@router.get("/audit", summary="Everything that was done, oldest first",
            responses=openapi.ok(AuditAnswer) | openapi.problems(400, 503))
@needs(Right.ADMIN, of_a_task=False)
@within(Work.FILE)
async def audit(
    request: Request, task: Annotated[str | None, Query(description="Of this task alone, there or not")] = None,
    who: Annotated[str | None, Query(description="By this key or account alone")] = None,
    after: Annotated[str, Query(
        description="Ids above this one, or later than this moment (ISO 8601)",
        json_schema_extra={"anyOf": [{"pattern": "^[0-9]+$"}, {"format": "date-time"}]})] = "0",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    newest: Annotated[bool, Query(description="The newest first; `next` is the `before` of the page that follows")
                      ] = False,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Ids below this one, the newest first")
                      ] = None,
) -> Response:
    """Who created, changed or removed a task, added or took back data, queued or cancelled a training, imported,
    deployed or rolled back a model, made or revoked a key: when, and what. Each entry's digest follows from the one
    before, so that one that was changed or taken out is found (`progon audit --check`). With
    `Accept: application/x-ndjson` all of them come as JSON lines, whatever the limit."""
    start, entries = read_after(after), ports.history(wired(request))
    as_lines = accepted(request, ("application/json", NDJSON)) == NDJSON
    newest = newest or before is not None
    if newest and as_lines:
        problem = "JSON lines come the oldest first, as the digests follow each other"
        raise InvalidInput(f"newest, before: {problem}", [Fault("newest, before", problem)])
    if as_lines:
        lines = (msgspec.json.encode(EntryAnswer.of(entry)) + b"\n" for entry in whole(entries, start, task, who))
        return StreamingResponse(iterate_in_threadpool(lines), media_type=NDJSON)
    look = partial(entries.newest, task, limit + 1, before, by=who, after=start) if newest else partial(
        entries.after, start, limit + 1, task, who)
    return json_response(AuditAnswer.of(await run_in_threadpool(look), limit))
