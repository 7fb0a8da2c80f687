"""Long work that stops when its client has gone, as `entrypoints/http/while_wanted.py` has it."""
from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from application.serving.wanted import gone

_Answer = TypeVar("_Answer")


async def run_while_wanted(work: Callable[[], _Answer]) -> _Answer:
    """As `run_in_threadpool`. gRPC cancels the call of a client that went; the thread is told, and waited for, so that
    whatever the work holds is held until it has ended."""
    has_gone = Event()
    before = gone.set(has_gone.is_set)  # threads take over what is set here
    try:
        running = asyncio.ensure_future(run_in_threadpool(work))
    finally:
        gone.reset(before)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        has_gone.set()
        await asyncio.wait((running,))
        running.exception()  # nobody hears it
        raise
