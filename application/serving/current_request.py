"""The request that is being worked on, wherever in the process one asks."""
from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class CurrentRequest:
    """Two with one id, which callers may choose, are two.

    route: where it came in, in the words of whoever took it. task: empty until it is known that there is one of this
    name, so that the names stay few. ended: nothing is counted for it any more.
    """

    id: str
    route: str
    task: str = ""
    ended: bool = False


current_request: ContextVar[CurrentRequest | None] = ContextVar("current_request", default=None)


def meant(task: str) -> None:
    """The request is counted for this task, which is one that there is."""
    observed = current_request.get()
    if observed is not None:
        observed.task = task
