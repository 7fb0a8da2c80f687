"""What routes ask for, by name and type. They read the container of their own app, never a global one."""
from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import BinaryIO

from fastapi import Request

from application.observed.request import current_request
from domain.task import Kind, Task
from entrypoints.http.draining import Draining
from entrypoints.http.uploads import Upload, upload
from entrypoints.wiring import get, ports
from entrypoints.wiring.container import Container

_ZIP = b"PK\3\4"


def wired(request: Request) -> Container:
    container: Container = request.app.state.container
    return container


def draining(request: Request) -> Draining:
    begun: Draining = request.app.state.draining
    return begun


def request_id(request: Request) -> str:
    given: str = request.state.request_id
    return given


def caller_name(request: Request) -> str | None:
    """Whose key came with the request; None where no keys are asked for."""
    caller = getattr(request.state, "caller", None)
    return caller and caller.name


def meant(request: Request, task: str) -> None:
    """The request is counted for this task, which is one that there is."""
    observed = current_request.get()
    if observed is not None:
        observed.task = task


def task_name(request: Request, kind: Kind | None) -> str:
    """The task that the request names or implies; kind None: it may be of any. Raises: InvalidInput."""
    return get.choose_task(wired(request)).execute(request.query_params.get("task"), kind)


def task_of_file(request: Request, received: Upload) -> Task:
    """The task that the request names, or that its file implies: a zip holds pictures, anything else is a table.

    Raises: InvalidInput, UnknownTask.
    """
    kind = Kind.IMAGE if is_zip(received) else Kind.TABULAR
    task = ports.task_catalog(wired(request)).get(task_name(request, kind))
    meant(request, task.name)
    return task


@asynccontextmanager
async def upload_in_slot(request: Request, max_bytes: int, raw_types: Collection[str],
                         field: str = "file") -> AsyncIterator[Upload]:
    """As `upload`, with one of the slots for long requests from the moment that the file is there. Raises: Busy too."""
    async with upload(request, max_bytes, raw_types, field) as received, get.slots(wired(request)).taken():
        yield received


def is_zip(received: Upload) -> bool:
    """A raw body is what it says; what a browser says of a file in a form is a guess by its name."""
    return received.media_type == "application/zip" or bool(received.name and _starts_like_zip(received.file))


def _starts_like_zip(file: BinaryIO) -> bool:
    start = file.read(len(_ZIP))
    file.seek(0)
    return start == _ZIP
