"""Bodies on their way out."""
from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


def json_response(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, "application/json")


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
