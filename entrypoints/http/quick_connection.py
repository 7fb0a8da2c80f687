"""A connection whose short requests are asked straight (`entrypoints.http.straight`)."""
from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, cast

from starlette.types import ASGIApp, Scope
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle
from uvicorn.server import ServerState

from entrypoints.http.connection import BoundedConnection
from entrypoints.http.straight import ASKED, Sent, straight_of

# Most programs send the body apart from the head. One of this length is there in a moment.
SHORT_BYTES = 16 << 10


class QuickConnection(BoundedConnection):
    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any],
                 _loop: asyncio.AbstractEventLoop | None = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._may_wait = False
        self._waiting: RequestResponseCycle | None = None
        self._straight = straight_of(cast(ASGIApp, self.app))

    def _take(self, data: bytes) -> None:
        super()._take(data)
        if self._waiting is not None and (self._refused or not self._is_short()):
            cycle, self._waiting = self._waiting, None
            if not self._refused:
                self._start_asgi_task(cycle, self.app)

    def on_headers_complete(self) -> None:
        self._may_wait = True
        super().on_headers_complete()
        self._may_wait = False

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """A request whose head has just come waits for its body, if it is short, or for the end of its piece: once it
        is whole it may be answered straight."""
        if (self._may_wait and app is self.app and cycle.scope["method"] == "POST"
                and not cycle.waiting_for_100_continue and not self.flow.write_paused):
            self._waiting = cycle
            return
        super()._start_asgi_task(cycle, app)

    def _is_short(self) -> bool:
        """Whether the body of the request is said to be so short that it may be waited for."""
        length = next((value for name, value in self.headers if name == b"content-length"), b"")
        return length.isdigit() and len(length) <= len(str(SHORT_BYTES)) and int(length) <= SHORT_BYTES

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._waiting is not None and not self._refused:
            self._go_straight(self._waiting)

    def _go_straight(self, cycle: RequestResponseCycle) -> None:
        self._waiting = None
        cycle.scope[ASKED] = True  # type: ignore[literal-required]  # ours has a dot
        try:
            taken = self._straight(cast(Scope, cycle.scope), bytes(cycle.body), partial(self._answered, cycle))
        except Exception:  # it meets it again where it is told
            taken = False
        if not taken:
            self._start_asgi_task(cycle, self.app)

    def _answered(self, cycle: RequestResponseCycle, sent: Sent | None) -> None:
        if sent is None:
            self._start_asgi_task(cycle, self.app)
        elif not cycle.disconnected:
            self._answer(cycle, *sent)

    def _answer(self, cycle: RequestResponseCycle, headers: bytes, body: bytes) -> None:
        """As the server's own way of sending, in one call of the system rather than two: the client wakes up once."""
        cycle.response_started = cycle.response_complete = True
        head = [STATUS_LINE[200], *(b"%b: %b\r\n" % header for header in cycle.default_headers), headers]
        if not cycle.keep_alive:
            head.append(b"connection: close\r\n")
        cycle.transport.write(b"".join((*head, b"\r\n", body)))
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
