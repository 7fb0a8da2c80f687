"""What routes ask for, by name and type. They read the container of their own app, never a global one."""
from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Annotated

from fastapi import Query, Request

from application.serving.current_request import meant
from application.use_cases.choose_task import TaskNotSaid
from domain.errors import Fault, InvalidInput
from domain.kinds.kind import Kind
from domain.task import Task
from entrypoints.http.callers import caller_of
from entrypoints.http.draining import Draining
from entrypoints.http.gate import Gate
from entrypoints.http.uploads import Upload, upload
from entrypoints.wiring import get, ports
from entrypoints.wiring.container import Container


class Extra(StrEnum):
    REFUSE = "refuse"
    IGNORE = "ignore"


ExtraColumns = Annotated[Extra, Query(description="What becomes of columns that the task does not know: they are a "
                                                  "fault, or are named in `ignored`")]

Explain = Annotated[bool, Query(description="Tell beside the answer to a row what each column has to do with it: what "
                                            "its value adds to the mean answer. Of PROGON_MAX_EXPLAINED_ROWS rows at "
                                            "most")]


def wired(request: Request) -> Container:
    container: Container = request.app.state.container
    return container


def draining(request: Request) -> Draining:
    begun: Draining = request.app.state.draining
    return begun


def gate(request: Request) -> Gate:
    before_all: Gate = request.app.state.gate
    return before_all


def request_id(request: Request) -> str:
    given: str = request.state.request_id
    return given


def caller_name(request: Request) -> str | None:
    """Whose key came with the request; None where no keys are asked for."""
    caller = caller_of(request.scope)
    return None if caller is None else caller.name


def task_name(request: Request, kind: Kind | None) -> str:
    """The task that the request names or implies; kind None: it may be of any. Raises: InvalidInput."""
    try:
        return get.choose_task(wired(request)).execute(request.query_params.get("task"), kind)
    except TaskNotSaid as failure:
        raise InvalidInput(failure.told("with ?task=NAME"), [Fault("task", "is missing")]) from failure


def task_of_file(request: Request, received: Upload) -> Task:
    """The task that the request names, or that its file implies.

    Raises: InvalidInput, UnknownTask.
    """
    kind = get.detector(wired(request)).kind_of(received.file, received.media_type)
    task = ports.task_catalog(wired(request)).get(task_name(request, kind))
    meant(task.name)
    return task


@asynccontextmanager
async def upload_in_slot(request: Request, max_bytes: int, raw_types: Collection[str],
                         field: str = "file") -> AsyncIterator[Upload]:
    """As `upload`, with one of the slots for long requests from the moment that the file is there. Raises: Busy too."""
    async with upload(request, max_bytes, raw_types, field) as received, get.slots(wired(request)).taken():
        yield received
