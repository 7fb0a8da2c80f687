"""Memory that a request takes until its end; in an event loop, too, which must not wait as a thread does."""
from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from starlette.requests import Request

from application.serving.room import Room
from domain.errors import TooLarge
from entrypoints.wiring import ports

_LOOK_S = 0.02


async def take_soon(room: Room, wanted_bytes: int) -> None:
    """As `take_whole`, in an event loop. Raises: TooLarge, Busy."""
    until = monotonic() + room.wait_s
    with _named():
        while room.take_at_once(wanted_bytes) is None:
            if monotonic() >= until:
                raise room.busy()
            await asyncio.sleep(_LOOK_S)


def take_whole(room: Room, wanted_bytes: int) -> None:
    """As `Room.take`, for what is given back when the request ends. Raises: TooLarge, Busy."""
    with _named():
        room.take(wanted_bytes)


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except TooLarge as failure:
        raise TooLarge(f"the request {failure.detail}") from failure


class Taking:
    """What a request has of its body in memory, taken as it comes, and given back when the request ends."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._room = ports.room(request.app.state.container)
        self._taken = 0

    async def foretold(self, max_bytes: int) -> None:
        """What the request says that it has, before any of it is taken. Raises: TooLarge, Busy."""
        declared = self._request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) <= max_bytes:
            await self._take(int(declared))

    async def up_to(self, seen_bytes: int) -> None:
        """Raises: TooLarge, Busy."""
        if seen_bytes > self._taken:
            # In steps that grow, so that what comes in crumbs does not ask for each.
            await self._take(max(seen_bytes, self._taken + self._taken // 4) - self._taken)

    async def _take(self, more_bytes: int) -> None:
        await take_soon(self._room, more_bytes)
        self._taken += more_bytes
