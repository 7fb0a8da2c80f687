"""Long work that stops when its client has gone."""
from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from application.serving.wanted import NobodyWaits, gone

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


async def run_while_wanted(request: Request, work: Callable[_Asked, _Answer], *args: _Asked.args,
                           **kwargs: _Asked.kwargs) -> _Answer:
    """As `run_in_threadpool`, for a request whose body has been read to its end. Raises: ClientDisconnect if the client
    went before, and what `work` raises."""
    has_gone = Event()
    watching = asyncio.create_task(_watch(request, has_gone))
    before = gone.set(has_gone.is_set)  # threads take over what is set here
    try:
        return await run_in_threadpool(work, *args, **kwargs)
    except NobodyWaits:
        raise ClientDisconnect from None
    finally:
        gone.reset(before)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _watch(request: Request, has_gone: Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    has_gone.set()
