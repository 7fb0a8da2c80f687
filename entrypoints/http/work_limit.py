"""How long a request may be worked on; afterwards the work stops, whoever waits for it."""
from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from application.serving.wanted import NobodyWaits, gone
from domain.errors import Busy
from entrypoints.http.connection import BREAK_OFF
from entrypoints.http.draining import Draining
from entrypoints.http.errors import answer

_RETRY_AFTER_S = 5


class WorkLimit:
    """ASGI middleware around the routes. What works for a request, in whatever thread, is told (`go_on`) when it is to
    stop. If nothing was answered yet that is 503; an answer that was begun breaks off, so that nobody takes it for a
    whole one."""

    def __init__(self, app: ASGIApp, draining: Draining) -> None:
        self._app, self._draining = app, draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        before = gone.set(lambda: self._draining.is_over)  # what is started for it, threads too, takes it over
        try:
            await self._app(scope, receive, send_noting)
        except NobodyWaits:
            if not begun:
                await answer(Busy("the service is being stopped", _RETRY_AFTER_S))(scope, receive, send)
            elif BREAK_OFF in scope:
                scope[BREAK_OFF]()
            else:
                raise
        finally:
            gone.reset(before)
