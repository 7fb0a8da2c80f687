"""Long work that stops when its client has gone."""
from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Event
from typing import ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from application.serving.wanted import NobodyWaits, gone
from domain.errors import ProgonError
from domain.kinds.kind import Kind
from entrypoints.http.dependencies import wired
from entrypoints.wiring import ports

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


async def run_while_wanted(request: Request, kind: Kind, work: Callable[_Asked, _Answer], *args: _Asked.args,
                           **kwargs: _Asked.kwargs) -> _Answer:
    """As `run_in_threadpool`, for a request whose body has been read to its end. The thread has a turn while it works
    on data of this kind, and passes it on whenever it looks whether it is wanted. Raises: ClientDisconnect if the
    client went before, NobodyWaits if it was to stop for another reason, and what `work` raises."""
    has_gone, is_over, turns = Event(), gone.get() or _never, ports.turns(wired(request))
    watching = asyncio.create_task(_watch(request, has_gone))
    # Threads take over what is set here.
    before = gone.set(turns.passing_on(lambda: has_gone.is_set() or is_over()))
    try:
        return await run_in_threadpool(turns.run, kind, partial(_tidily, partial(work, *args, **kwargs)))
    except NobodyWaits:
        if has_gone.is_set():
            raise ClientDisconnect from None
        raise
    except asyncio.CancelledError:
        has_gone.set()  # the thread is not waited for any more
        raise
    finally:
        gone.reset(before)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def _tidily(work: Callable[[], _Answer]) -> _Answer:
    """What refused work had made, a document of a million keys, is let go of here. With the traceback it would go to
    the event loop, which would stand still meanwhile."""
    try:
        return work()
    except ProgonError as failure:
        traceback.clear_frames(failure.__traceback__)
        raise


def _never() -> bool:
    return False


async def _watch(request: Request, has_gone: Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    has_gone.set()
