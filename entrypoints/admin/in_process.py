"""An application of the same process as a transport of httpx, body by body: httpx has one too, but it waits for the
whole answer, and events and large files have no end that one could wait for."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx
from starlette.types import ASGIApp, Message

# The extension of a request that says at which address its visitor is.
VISITOR = "progon_visitor"
_WAITING_PIECES = 8
# (status, headers)
_Head = tuple[int, list[tuple[bytes, bytes]]]


class InProcessTransport(httpx.AsyncBaseTransport):
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _Exchange(request)
        exchange.run = asyncio.create_task(exchange.serve(self._app))
        try:
            status, headers = await exchange.head
        except BaseException:
            await exchange.aclose()
            raise
        return httpx.Response(status, headers=headers, stream=exchange, request=request)


class _Exchange(httpx.AsyncByteStream):
    """One request and its answer. Closed early, the application is told that its client has gone."""

    run: asyncio.Task[None]

    def __init__(self, request: httpx.Request) -> None:
        assert isinstance(request.stream, httpx.AsyncByteStream)  # as of every request of an AsyncClient
        self._request, self._body = request, aiter(request.stream)
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(_WAITING_PIECES)
        self._sent, self._gone = False, asyncio.Event()
        self._failure: Exception | None = None
        self.head: asyncio.Future[_Head] = asyncio.get_running_loop().create_future()

    async def serve(self, app: ASGIApp) -> None:
        try:
            await app(_scope(self._request), self._receive, self._send)
            if not self.head.done():
                raise httpx.RemoteProtocolError("the application gave no answer")
        except Exception as failure:
            self._failure = failure
            if not self.head.done():
                self.head.set_exception(failure)
        finally:
            # Nobody reads any more where the queue is full and the reader has gone.
            if not self._gone.is_set():
                await self._pieces.put(None)

    async def _receive(self) -> Message:
        if not self._sent:
            piece = await anext(self._body, None)
            self._sent = piece is None
            return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if not self.head.done():
                self.head.set_result((message["status"], message.get("headers", [])))
        elif message.get("body"):
            await self._pieces.put(message["body"])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self._pieces.get()) is not None:
            yield piece
        if self._failure is not None:  # half an answer must not pass for a whole one
            raise httpx.ReadError(str(self._failure)) from self._failure

    async def aclose(self) -> None:
        self._gone.set()
        if not self.run.done():
            self.run.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self.run


def _scope(request: httpx.Request) -> dict[str, object]:
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
        "method": request.method, "scheme": request.url.scheme, "path": request.url.path,
        "raw_path": request.url.raw_path.partition(b"?")[0], "query_string": request.url.query, "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (request.url.host, request.url.port), "client": (request.extensions.get(VISITOR, "in-process"), 0),
    }
