"""A request is worked on for as long as its route may; afterwards the work stops, whoever waits for it."""
from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from application.serving.current_request import current_request
from application.serving.room import Room
from application.serving.wanted import NobodyWaits, gone
from domain.errors import InvalidInput
from entrypoints.http.connection import BREAK_OFF
from entrypoints.http.deadlines import LIMIT, Limit, Work, work_of
from entrypoints.http.draining import Draining
from entrypoints.http.errors import answer
from entrypoints.settings import Settings

# No route knows a tenth of them.
MAX_PARAMETERS = 200


class WorkLimit:
    """ASGI middleware around the routes. What works for a request, in whatever thread, is told (`go_on`) when it is to
    stop. If nothing was answered yet that is 503, which `on_busy` counts; an answer that was begun breaks off, so that
    nobody takes it for a whole one. The time begins once the body is there. What it has in memory is given back at its
    end, however it ends. A query without end is refused before any of it is read."""

    def __init__(self, app: ASGIApp, settings: Settings, draining: Draining, room: Room, on_busy: Callable[[], None]
                 ) -> None:
        self._app, self._settings, self._draining = app, settings, draining
        self._room, self._on_busy = room, on_busy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["query_string"].count(b"&") >= MAX_PARAMETERS:
            # Before the framework reads them, in the event loop and several times over.
            await answer(InvalidInput(f"the query has more than the {MAX_PARAMETERS} parameters allowed"))(
                scope, receive, send)
            return
        limit, begun = Limit(self._settings, self._draining, lambda: _work(scope)), False

        async def receive_noting() -> Message:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                limit.begin()
            return message

        async def send_noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        scope[LIMIT] = limit
        before = gone.set(lambda: limit.is_over)  # what is started for it, threads too, takes it over
        try:
            await self._app(scope, receive_noting, send_noting)
        except NobodyWaits:
            self._on_busy()
            if not begun:
                await answer(limit.told())(scope, receive, send)
            elif BREAK_OFF in scope:
                scope[BREAK_OFF]()
            else:
                raise
        finally:
            gone.reset(before)
            if (request := current_request.get()) is not None:
                self._room.end(request)


def _work(scope: Scope) -> Work:
    is_form = any(name == b"content-type" and kind.lower().startswith(b"multipart/form-data")
                  for name, kind in scope["headers"])
    return work_of(scope.get("endpoint"), is_form)
