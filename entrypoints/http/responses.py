"""Bodies on their way out."""
from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Lock

import msgspec
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


class Releasing(Response):
    """Another response, with something to be let go of when it has gone out or its client has gone away."""

    def __init__(self, response: Response, release: Callable[[], None]) -> None:
        self._response, self._release = response, release
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with suppress(ClientDisconnect):
                await self._response(scope, receive, send)
        finally:
            self._release()
