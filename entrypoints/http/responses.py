"""Bodies on their way out."""
from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from threading import Lock

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


def json_response(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, "application/json")


class Kept:
    """What is let go of when an answer has gone out, or never will. What comes after that, from a thread that was not
    waited for, is let go of at once. Thread-safe: yes."""

    def __init__(self) -> None:
        self._lock, self._ended, self._let_go = Lock(), False, list[Callable[[], None]]()

    def add(self, let_go: Callable[[], None]) -> None:
        with self._lock:
            if not self._ended:
                self._let_go.append(let_go)
                return
        let_go()

    def end(self) -> None:
        with self._lock:
            self._ended, waiting = True, self._let_go
            self._let_go = []
        for let_go in reversed(waiting):
            let_go()

    async def ended(self) -> None:
        """As `end`, in a thread: large files that are closed are given back to the system, which takes its time."""
        try:
            await run_in_threadpool(self.end)
        finally:  # also of a request that is cancelled, for which no thread begins anything
            self.end()


class Releasing(Response):
    """Another response, with something to be let go of when it has gone out or its client has gone away, which may
    have to be waited for."""

    def __init__(self, response: Response, release: Callable[[], Awaitable[None] | None]) -> None:
        self._response, self._release = response, release
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with suppress(ClientDisconnect):
                await self._response(scope, receive, send)
        finally:
            if (releasing := self._release()) is not None:
                await releasing
