"""A connection to a client that is not trusted: how much of its request line and headers is taken, how long it may take
over what it sends and over what it is sent, and how many others there may be.

The server alone takes headers without end, piece by piece, each time copying what it has; waits for ever for a request
that was promised, and for a client that does not read its answer. None of that asks for a key.
"""
from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable
from enum import Enum
from functools import partial
from typing import Any, ClassVar
from uuid import uuid4
from weakref import WeakSet

from starlette.responses import Response
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from entrypoints.http.bounds import Bounds, Moved
from entrypoints.http.errors import problem
from entrypoints.http.protocol_errors import in_protocol
from entrypoints.http.request_id import HEADER

# Of a scope: ends the connection in the middle of its answer.
BREAK_OFF = "progon.break_off"
# Of a piece that holds more than one request: so much is made ready in a millisecond or two.
STEP_BYTES = 8 << 10
_UPGRADE = re.compile(rb"\r\nupgrade:(?=[ \t]*h2c)", re.IGNORECASE)
_log = logging.getLogger("progon.connections")


class _Taking(Enum):
    HEAD, BODY, NOTHING = range(3)


class BoundedConnection(HttpToolsProtocol):
    """What uvicorn makes of each connection; with other bounds in a subclass."""

    bounds: ClassVar[Bounds] = Bounds()

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any],
                 _loop: asyncio.AbstractEventLoop | None = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.url = b""
        self._taking, self._since = _Taking.HEAD, self.loop.time()
        self._has_begun = self._refused = self._steps = self._stops = False
        self._kept = bytearray()  # came, and has its turn later
        self._head_bytes = self._body_bytes = self._piece_bytes = 0
        self._came, self._sent = Moved(self._since), Moved(self._since)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as it is in uvicorn
        super().connection_made(transport)
        watch(self.loop, self.connections, self.bounds.look_s)
        if len(self.connections) > self.bounds.connections:
            self._refuse(503, "busy", f"{self.bounds.connections} connections are open, which is the most there may be",
                         {"Retry-After": "1"})

    # --- what comes

    def data_received(self, data: bytes) -> None:
        """A piece that begins with a head may hold thousands of requests, which would be made ready one after the other
        while everybody else waits: it is taken in steps, between which others have their turn. What is known to be a
        body is taken as it comes."""
        if self._kept:
            self._kept += data
        elif len(data) > STEP_BYTES and self._taking is not _Taking.BODY:
            self._kept += data
            self._step()
        else:
            self._take(data)

    def _step(self) -> None:
        """Requests that are ready are answered before more are made ready, and nothing else is read meanwhile."""
        self._steps = False
        if self._refused or self.transport.is_closing():
            self._kept.clear()
            return
        step = len(self._kept) if self._taking is _Taking.BODY and not self.pipeline else STEP_BYTES
        data = bytes(self._kept[:step])
        del self._kept[:step]
        self._take(data)
        self._go_on()

    def _go_on(self) -> None:
        if not self._kept:
            if not self.pipeline:
                self.flow.resume_reading()
            return
        self.flow.pause_reading()
        if not self.pipeline and not self._steps:
            self._steps = True
            self.loop.call_soon(self._step)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._kept:
            self._go_on()

    def _take(self, data: bytes) -> None:
        if self._refused:
            return
        self._piece_bytes = len(data)
        if self._taking is _Taking.HEAD:
            self._head_bytes += len(data)
        else:
            self._body_bytes += len(data)
        super().data_received(_without_upgrade(data) if self._taking is not _Taking.BODY and b"h2c" in data else data)
        # The parser gives a header when it is whole.
        if self._taking is _Taking.HEAD and self._head_bytes > self.bounds.head_bytes:
            self._refuse_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._unset_keepalive_if_required()  # the one before it in this piece may have been answered at once
        self._has_begun = True
        if self._taking is not _Taking.HEAD:  # else they were counted and timed from the beginning of the connection
            self._taking, self._since, self._head_bytes = _Taking.HEAD, self.loop.time(), 0

    def on_headers_complete(self) -> None:
        self._taking = _Taking.BODY
        self._came = Moved(self._since, self._body_bytes)
        # A piece may hold more than the head, so what came is at least what the head has.
        if self._head_bytes + self._piece_bytes > self.bounds.head_bytes and self._head_is_long():
            self._refuse_head()
        if not self._refused:
            super().on_headers_complete()
            if self._stops and self.cycle is not None:
                self.cycle.keep_alive = False

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.scope[BREAK_OFF] = partial(self._break_off, cycle)  # type: ignore[literal-required]  # ours has a dot
        super()._start_asgi_task(cycle, app)

    def _head_is_long(self) -> bool:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > self.bounds.head_bytes

    def on_body(self, body: bytes) -> None:
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._taking = _Taking.NOTHING
        if not self._refused:
            super().on_message_complete()

    # --- what goes

    def pause_writing(self) -> None:
        self._sent = Moved(self.loop.time(), -self.transport.get_write_buffer_size())
        super().pause_writing()

    def _break_off(self, cycle: RequestResponseCycle) -> None:
        cycle.disconnected = True  # it is not asked why it sends no end
        cycle.message_event.set()
        cycle.transport.abort()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "bad request", "what was sent is not a request of HTTP/1.1")

    def shutdown(self) -> None:
        """What was sent by now has not been read yet, and whoever sent it would have its connection reset: a row is no
        sooner read than answered, so that under load nearly each connection looks idle here."""
        self._stops = True
        if self._is_idle:
            self.loop.call_later(self.bounds.last_s, self._end_if_idle)
        else:
            self.cycle.keep_alive = False

    @property
    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _end_if_idle(self) -> None:
        if self._is_idle:
            self.transport.close()

    # --- bounds

    def look(self, now: float) -> None:
        """Ends what has taken too long."""
        if self.flow.write_paused:
            if self._sent.is_stalled(now, -self.transport.get_write_buffer_size(), self.bounds):
                _log.info("a client does not read its answer; the connection is ended")
                self.transport.abort()
        elif self.transport.is_closing():  # with TLS both sides have to say goodbye
            return
        elif self._kept:  # it is we who let it wait
            return
        elif self._taking is _Taking.HEAD and now - self._since > self.bounds.head_s:
            self._refuse_slow("the request line and the headers")
        elif self._taking is _Taking.BODY and self._body_is_slow(now):
            self._refuse_slow("the body")

    def _body_is_slow(self, now: float) -> bool:
        if self.flow.read_paused or self.cycle is None or self.cycle.waiting_for_100_continue:
            self._came = Moved(now, self._body_bytes)  # it is we who let it wait
            return False
        return self._came.is_stalled(now, self._body_bytes, self.bounds)

    def _refuse_slow(self, what: str) -> None:
        if not self._has_begun:  # opened in advance, as browsers do
            self.transport.close()
        else:
            self._refuse(408, "bad request", f"{what} did not come in time")

    def _refuse_head(self) -> None:
        self._refuse(431, "too large", "the request line and the headers are longer than "
                     f"{self.bounds.head_bytes} bytes")

    def _refuse(self, status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> None:
        """The last answer of the connection; if another one is on its way the connection just ends."""
        _log.info("refused with %s: %s", status, detail)
        self._refused = True
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if not answering or (self._taking is _Taking.BODY and not self.cycle.response_started):
            self.transport.write(_written(self._worded(problem(status, title, detail, headers=headers))))
        self.transport.close()
        if self.scheme == "https":  # it would be there for half a minute more, and among the others
            self.connections.discard(self)
            self.loop.call_later(self.bounds.goodbye_s, self.transport.abort)

    def _worded(self, told: Response) -> Response:
        path = self.url.partition(b"?")[0].decode("latin-1")
        return in_protocol({"type": "http", "path": self.root_path + path, "root_path": self.root_path}, told)


def _without_upgrade(data: bytes) -> bytes:
    """Some programs offer HTTP/2 with each request (`Upgrade: h2c`), as Java's client does. Nobody has to take it up
    (RFC 9110, 7.8), but the parser takes what follows for another protocol then, and the body would be lost."""
    head, end, body = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"\r\nx-offer:", head) + end + body


def _written(answer: Response) -> bytes:
    headers = [*answer.raw_headers, (HEADER.lower().encode(), str(uuid4()).encode()), (b"connection", b"close")]
    return b"".join([STATUS_LINE[answer.status_code], *(b"%b: %b\r\n" % header for header in headers), b"\r\n",
                     bytes(answer.body)])


_watched: WeakSet[asyncio.AbstractEventLoop] = WeakSet()


def watch(loop: asyncio.AbstractEventLoop, connections: Iterable[object], look_s: float) -> None:
    """One timer for all connections of a process: one for each would be set and taken back with each request."""
    if loop not in _watched:
        _watched.add(loop)
        loop.call_later(look_s, _look, loop, connections, look_s)


def _look(loop: asyncio.AbstractEventLoop, connections: Iterable[object], look_s: float) -> None:
    now = loop.time()
    for connection in list(connections):
        if isinstance(connection, BoundedConnection):
            connection.look(now)
    loop.call_later(look_s, _look, loop, connections, look_s)
