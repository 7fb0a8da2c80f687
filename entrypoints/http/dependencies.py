"""What routes ask for, by name and type. They read the container of their own app, never a global one."""
from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request

from domain.task import Kind
from entrypoints.http.draining import Draining

if TYPE_CHECKING:
    from entrypoints.container import Container


def container(request: Request) -> Container:
    return request.app.state.container


def draining(request: Request) -> Draining:
    return request.app.state.draining


def request_id(request: Request) -> str:
    return request.state.request_id


def task_name(request: Request, kind: Kind | None) -> str:
    """The task that the request names or implies; kind None: it may be of any. Raises: InvalidInput."""
    return container(request).choose_task().execute(request.query_params.get("task"), kind)
