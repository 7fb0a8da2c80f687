"""How far the file of a request is read, as server-sent events, with the answer at the end: for whoever asks so, by
`Accept: text/event-stream`."""
from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import BinaryIO, TypeVar

import msgspec
from fastapi import Request
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from application.serving.wanted import NobodyWaits
from domain.rows import Rows
from entrypoints.answers.files import ReadingAnswer
from entrypoints.formats.formats import FileRows
from entrypoints.http.accept import is_named
from entrypoints.http.deadlines import LIMIT
from entrypoints.http.errors import answer_of
from entrypoints.http.metering import STATUS
from entrypoints.http.once import REPLAYED, Handler, OnceRoute

EVENTS = "text/event-stream"
EVERY_S = 0.25
_SILENT_S = 15.0
_MARK, _OF_REQUEST = "__progon_told__", "progon_reading"
_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
AnyRows = TypeVar("AnyRows", bound=Rows)
Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


def told(endpoint: Endpoint) -> Endpoint:
    """Stands between a route and its handler, which says `reading(request).begin(file)` once it has its file and takes
    the rows by `watched`. The route is a ToldRoute."""
    setattr(endpoint, _MARK, True)
    return endpoint


def is_told(endpoint: object) -> bool:
    return getattr(endpoint, _MARK, False)


class Reading:
    """How far a file is read: one thread reads, another looks."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self._file: BinaryIO = io.BytesIO()
        self.now = ReadingAnswer(0, 0, 0)

    def begin(self, file: BinaryIO) -> None:
        """In the loop, with the whole file, which is left at its start: from now on what goes wrong is told by the
        events."""
        self._file, self.now = file, ReadingAnswer(0, 0, file.seek(0, io.SEEK_END))
        file.seek(0)
        self.begun.set()

    def watched(self, rows: Iterable[AnyRows]) -> Iterator[AnyRows]:
        """The same rows. A file that is read once more, or not from its start to its end, is never less far."""
        done = 0
        for part in rows:
            yield part
            done += part.n_rows
            self._get_on(done, self._file.tell())
        self._get_on(done, self.now.size_bytes)

    def of_file(self, rows: FileRows) -> FileRows:
        return replace(rows, rows=self.watched(rows.rows))

    def _get_on(self, rows: int, read_bytes: int) -> None:
        """In one step, for who looks meanwhile."""
        now = self.now
        self.now = ReadingAnswer(max(now.rows, rows), min(max(now.read_bytes, read_bytes), now.size_bytes),
                                 now.size_bytes)


def reading(request: Request) -> Reading:
    """Of this request; one that nobody looks at, where no events are asked for."""
    found: Reading | None = getattr(request.state, _OF_REQUEST, None)
    return found or Reading()


class ToldRoute(OnceRoute):
    """A handler that is marked with `told` answers with events where they are asked for. What is refused before the
    file is there and a slot is free for it, is refused as without them."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        if not is_told(self.endpoint):
            return handle

        async def handle_told(request: Request) -> Response:
            if not is_named(request, EVENTS):
                return await handle(request)
            now = Reading()
            setattr(request.state, _OF_REQUEST, now)
            return await _begun(_Work(asyncio.create_task(handle(_for_json(request))), now, request))
        return handle_told


def _for_json(request: Request) -> Request:
    """What the last event is to carry."""
    others = [(name, value) for name, value in request.scope["headers"] if name != b"accept"]
    return Request({**request.scope, "headers": [*others, (b"accept", b"application/json")]}, request.receive)


@dataclass(frozen=True, slots=True)
class _Work:
    answer: asyncio.Task[Response]
    reading: Reading
    request: Request


async def _begun(work: _Work) -> Response:
    """Raises: what goes wrong before there is a file to read."""
    beginning = asyncio.create_task(work.reading.begun.wait())
    try:
        await asyncio.wait({work.answer, beginning}, return_when=asyncio.FIRST_COMPLETED)
        if work.reading.begun.is_set():
            return _Told(work)
        again = (await work.answer).headers.get(REPLAYED)
        return _Told(work, {REPLAYED: again} if again else {})
    except BaseException:
        work.answer.cancel()
        raise
    finally:
        beginning.cancel()


class _Told(Response):
    """Does not listen whether its client goes away: the work does, where it would without events."""

    media_type = EVENTS

    def __init__(self, work: _Work, headers: dict[str, str] | None = None) -> None:
        super().__init__(headers=_HEADERS | (headers or {}))
        del self.headers["content-length"]
        self._work, self._sent = work, ReadingAnswer(-1, 0, 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await self._tell_progress(send)
            await self._tell_answer(scope, receive, send)
            await send({"type": "http.response.body", "body": b""})
        except asyncio.CancelledError:
            self._work.answer.cancel()
            raise
        except OSError:
            # Whoever was told has gone, and the work goes on as it would have without events.
            with suppress(Exception):
                await (await self._work.answer)(scope, receive, _unheard)

    async def _tell_progress(self, send: Send) -> None:
        silent_s, ended = 0.0, False
        while not ended:
            if said := self._news():
                silent_s = 0.0
            elif silent_s >= _SILENT_S:
                said, silent_s = KEEPALIVE_COMMENT, 0.0
            if said:
                await send(_body(said))
            ended = bool((await asyncio.wait({self._work.answer}, timeout=EVERY_S))[0])
            silent_s += EVERY_S
        if said := self._news():
            await send(_body(said))

    def _news(self) -> bytes:
        now = self._work.reading.now
        if now == self._sent or not self._work.reading.begun.is_set():
            return b""
        self._sent = now
        return format_sse_event(event="progress", data_str=msgspec.json.encode(now).decode())

    async def _tell_answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._work.answer
        except ClientDisconnect:
            return  # nobody is left to be told
        except NobodyWaits:
            response = await answer_of(self._work.request, scope[LIMIT].told())
        except Exception as failure:
            response = await answer_of(self._work.request, failure)
        await send(_body(b"event: done\ndata: "))

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                # In the traffic, too, it is what it would have been without events.
                scope["state"][STATUS] = message["status"]
            elif piece := message.get("body", b""):
                await send(_body(piece.replace(b"\n", b"\ndata: ")))

        await response(scope, receive, send_on)
        await send(_body(b"\n\n"))


async def _unheard(_: Message) -> None:
    """An answer that goes nowhere still lets go of what it holds."""


def _body(piece: bytes) -> Message:
    return {"type": "http.response.body", "body": piece, "more_body": True}
