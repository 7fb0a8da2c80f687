"""What routes ask for, by name and type. They read the container of their own app, never a global one."""
from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request

from domain.task import Kind

if TYPE_CHECKING:
    from entrypoints.container import Container


def container(request: Request) -> Container:
    return request.app.state.container


def request_id(request: Request) -> str:
    return request.state.request_id


def task_name(request: Request, kind: Kind) -> str:
    """The task that the request names or implies. Raises: InvalidInput."""
    return container(request).choose_task().execute(request.query_params.get("task"), kind)
