"""What routes ask for, by name and type. They read the container of their own app, never a global one."""
from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from fastapi import Request

from application.observed.request import current_request
from domain.task import Kind, Task
from entrypoints.http.draining import Draining
from entrypoints.http.uploads import Upload

if TYPE_CHECKING:
    from entrypoints.wiring.container import Container


_ZIP = b"PK\3\4"


def container(request: Request) -> Container:
    return request.app.state.container


def draining(request: Request) -> Draining:
    return request.app.state.draining


def request_id(request: Request) -> str:
    return request.state.request_id


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
    return container(request).choose_task().execute(request.query_params.get("task"), kind)


def task_of_file(request: Request, received: Upload) -> Task:
    """The task that the request names, or that its file implies: a zip holds pictures, anything else is a table.

    Raises: InvalidInput, UnknownTask.
    """
    kind = Kind.IMAGE if is_zip(received) else Kind.TABULAR
    task = container(request).task_catalog().get(task_name(request, kind))
    meant(request, task.name)
    return task


def is_zip(received: Upload) -> bool:
    """A raw body is what it says; what a browser says of a file in a form is a guess by its name."""
    return received.media_type == "application/zip" or bool(received.name and _starts_like_zip(received.file))


def _starts_like_zip(file: BinaryIO) -> bool:
    start = file.read(len(_ZIP))
    file.seek(0)
    return start == _ZIP
