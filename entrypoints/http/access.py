"""Who asks is found out in front of all routes; what they may is declared at each (`rights.py`)."""
from __future__ import annotations

from contextlib import suppress

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from application.caller import current_caller
from domain.errors import ProgonError
from entrypoints.http.asking import address_of, key_of
from entrypoints.http.errors import answer
from entrypoints.http.gate import Gate
from entrypoints.http.prefix import path_of

# What has to answer before anybody has a key: probes, the scrape of a monitoring on the same network, signing in.
OPEN_PATHS = frozenset({"/healthz", "/readyz", "/metrics", "/v2/health/live", "/v2/health/ready",
                        "/sign-in", "/sign-in/finish"})


class Access:
    """ASGI middleware. Who asks stands in `scope["state"]["caller"]`, None where no keys are asked for."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app, self._gate, self._has_looked = app, gate, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and path_of(scope) not in OPEN_PATHS:
            await self._read_once()
            try:
                caller = self._gate.ask(key_of(scope), address_of(scope))
            except ProgonError as failure:
                await answer(failure)(scope, receive, send)
                return
            scope.setdefault("state", {})["caller"] = caller
            current_caller.set(None if caller is None else caller.name)
        await self._app(scope, receive, send)

    async def _read_once(self) -> None:
        """Where no lifespan did it. That it fails is told by the gate, and who waits for the database does so once."""
        if not self._gate.is_ready and not self._has_looked:
            self._has_looked = True
            with suppress(ProgonError):
                await run_in_threadpool(self._gate.read)
