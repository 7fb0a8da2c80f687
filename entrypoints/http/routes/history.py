"""What was changed or removed."""
from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from domain.api_key import Right
from entrypoints.answers.history import HistoryAnswer
from entrypoints.http import openapi
from entrypoints.http.dependencies import wired
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.wiring import ports

router = APIRouter(tags=["history"])


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
    found = ports.history(wired(request)).newest(task, limit + 1, before)
    return json_response(HistoryAnswer.of(found, limit))
