"""HEAD, wherever there is a GET."""
from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Heads:
    """ASGI middleware: the answer of GET, without its body. Once the head is known the work for a body is cancelled, so
    that a stream without an end has one here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        head: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

        async def keep_head(message: Message) -> None:
            if message["type"] == "http.response.start" and not head.done():
                head.set_result(message)

        scope["method"] = "GET"
        work = asyncio.ensure_future(self._app(scope, receive, keep_head))
        try:
            await asyncio.wait((work, head), return_when=asyncio.FIRST_COMPLETED)
        finally:
            scope["method"] = "HEAD"
            await _ended(work)
        if not head.done():
            await work  # raises what it failed with
        await send(head.result())
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _ended(work: asyncio.Future[None]) -> None:
    """Cancelled, if it has not ended; what it fails with after its head is nobody's any more."""
    work.cancel()
    await asyncio.wait((work,))
    if not work.cancelled():
        work.exception()
