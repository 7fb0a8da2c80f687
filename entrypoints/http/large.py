"""Bodies of JSON that take long to decode, and much memory then."""
from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from application.serving.room import Room
from domain.kinds.kind import Kind
from entrypoints.formats.json_size import decoded_bytes
from entrypoints.http.dependencies import wired
from entrypoints.http.lane import LARGE_ROW_BYTES
from entrypoints.http.taking import take_whole
from entrypoints.http.while_wanted import run_while_wanted
from entrypoints.wiring import get, ports

Read = TypeVar("Read")


def is_large(body: bytes) -> bool:
    return len(body) > LARGE_ROW_BYTES


async def decoded(request: Request, body: bytes, read: Callable[[bytes], Read], json_bytes: int | None = None,
                  is_slow: bool = False, kind: Kind = Kind.TABULAR) -> Read:
    """What `read` makes of a body. Of a large one in a thread, in one of the slots for long requests, and while there
    is room for it, as it would keep everybody else waiting. json_bytes: how much of it is JSON, if not all. is_slow: a
    small one is read in a thread too. kind: of what is answered as well.

    Raises: TooLarge, Busy, and what `read` does.
    """
    if not is_large(body):
        return await run_in_threadpool(read, body) if is_slow else read(body)
    async with get.slots(wired(request)).taken():
        return await run_while_wanted(request, kind, read_in_room, ports.room(wired(request)), body, read, json_bytes)


def read_in_room(room: Room, body: bytes, read: Callable[[bytes], Read], json_bytes: int | None = None) -> Read:
    """In a thread; what it takes is given back when the request ends. Raises: TooLarge, Busy, and what `read` does."""
    take_whole(room, decoded_bytes(body[:json_bytes]))
    return read(body)
