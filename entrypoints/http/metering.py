"""Each request counted, timed, and told in one line of the log."""
from __future__ import annotations

import logging
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from application.ports.telemetry import Telemetry
from application.serving.current_request import CurrentRequest, current_request
from entrypoints.http.asking import address_of
from entrypoints.http.callers import Caller, caller_of
from entrypoints.http.prefix import path_of

# Where no route was found, or none was looked for.
OTHER = "other"
# Of the state of a request: the status that counts, where an answer has begun before it was known.
STATUS = "progon_status"
_log = logging.getLogger("progon.access")


class Metering:
    """ASGI middleware, right inside RequestId. While it works, `current_request` tells what the work is for."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app, self._telemetry = app, telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, is_told = perf_counter(), 500, False
        request = CurrentRequest(scope["state"]["request_id"], path_of(scope))
        current_request.set(request)

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif not message.get("more_body"):
                tell_once()
            await send(message)

        def tell_once() -> None:
            """Whoever has the whole answer finds it counted."""
            nonlocal is_told
            if is_told:
                return
            is_told = True
            # The path itself would make as many series as there are ids.
            route, duration_s = getattr(scope.get("route"), "path", OTHER), perf_counter() - began
            told = scope["state"].get(STATUS, status)
            self._telemetry.request_ended(route, request.task, told, duration_s)
            if _log.isEnabledFor(logging.INFO):
                tell(scope, route, told, duration_s * 1000)

        try:
            await self._app(scope, receive, send_noting)
        finally:
            tell_once()


def tell(scope: Scope, route: str, status: int, duration_ms: float) -> None:
    write_line(scope["method"], route, status, duration_ms, caller_of(scope), address_of(scope))


def write_line(method: str, route: str, status: int, duration_ms: float, caller: Caller | None, address: str) -> None:
    """Whose key it was and from which address stand beside, where that is known. As `_log.info`, without its search for
    the calling line, which costs more than all the rest."""
    record = logging.LogRecord(_log.name, logging.INFO, __file__, 0, "%s %s %d %.1f ms",
                               (method, route, status, duration_ms), None)
    record.method, record.route, record.status, record.duration_ms = method, route, status, round(duration_ms, 3)
    if caller is not None:
        record.key = caller.name
    if address:
        record.address = address
    _log.handle(record)
