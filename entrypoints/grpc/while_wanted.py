"""Long work that stops when its client has gone, as `entrypoints/http/while_wanted.py` has it."""
from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from application.serving.turns import Turns
from application.serving.wanted import NobodyWaits, gone
from domain.kinds.kind import Kind
from entrypoints.http.deadlines import Limit

_Answer = TypeVar("_Answer")


async def run_while_wanted(kind: Kind, work: Callable[[], _Answer], limit: Limit, turns: Turns) -> _Answer:
    """As `run_in_threadpool`. gRPC cancels the call of a client that went; the thread is told, and waited for, so that
    whatever the work holds is held until it has ended. Raises: Busy where it was to stop for another reason."""
    has_gone = Event()
    # Threads take over what is set here.
    before = gone.set(turns.passing_on(lambda: has_gone.is_set() or limit.is_over))
    try:
        running = asyncio.ensure_future(run_in_threadpool(turns.run, kind, work))
    finally:
        gone.reset(before)
    try:
        return await asyncio.shield(running)
    except NobodyWaits:
        raise limit.told() from None
    except asyncio.CancelledError:
        has_gone.set()
        await asyncio.wait((running,))
        running.exception()  # nobody hears it
        raise
