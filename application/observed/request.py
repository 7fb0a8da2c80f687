"""The request that is being worked on, wherever in the process one asks."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from domain.errors import NotFound, ProgonError

# Requests for what a model answers; for others it may run too, to be compared with another.
ANSWERING = frozenset({"/forward", "/forward_batch", "/evaluate"})


@dataclass(slots=True)
class ObservedRequest:
    """task: empty until it is known that there is one of this name, so that the names stay few."""

    id: str
    route: str
    task: str = ""


current_request: ContextVar[ObservedRequest | None] = ContextVar("current_request", default=None)


@contextmanager
def meant_for(request: ObservedRequest, task_name: str) -> Iterator[None]:
    """Around work that raises NotFound if there is no such task."""
    try:
        yield
    except NotFound:
        raise
    except ProgonError:
        request.task = task_name
        raise
    request.task = task_name
