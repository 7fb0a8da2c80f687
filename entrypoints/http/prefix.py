"""The path under which a proxy shows the service."""
from __future__ import annotations

import logging
from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from entrypoints.http.straight import Answered, straight_of
from entrypoints.settings import is_prefix

_log = logging.getLogger("progon.http")


def path_of(scope: Scope) -> str:
    """The path as our routes name it."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) or "/"


class Prefix:
    """ASGI middleware in front of all others. It says by `root_path`, as ASGI has it, what stands before our paths:
    what the proxy says in X-Forwarded-Prefix, else `usual`. Whether the proxy takes it off or leaves it on is all the
    same. A Location of ours gets it."""

    def __init__(self, app: ASGIApp, usual: str = "") -> None:
        self._app, self._straight, self._usual = app, straight_of(app), usual

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        prefix = self._prefix(scope) if scope["type"] == "http" else ""
        if not prefix:
            await self._app(scope, receive, send)
            return

        async def send_placed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _place(MutableHeaders(scope=message), prefix)
            await send(message)

        await self._app(_placed(scope, prefix), receive, send_placed)

    def straight(self, scope: Scope, body: bytes, answered: Answered) -> bool:
        """What is answered so has no Location."""
        prefix = self._prefix(scope)
        return self._straight(_placed(scope, prefix) if prefix else scope, body, answered)

    def _prefix(self, scope: Scope) -> str:
        return _forwarded(scope["headers"]) or self._usual


def _forwarded(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Each proxy of several adds its own, the outermost first. What is no path is passed over, with a warning."""
    values = [value for name, value in headers if name == b"x-forwarded-prefix"]
    if not values:
        return ""
    said = b",".join(values).decode("latin-1")
    prefix = "".join(part.strip().rstrip("/") for part in said.split(","))
    if prefix and not is_prefix(prefix):
        _log.warning("X-Forwarded-Prefix: %r is passed over: it is no path such as /ml/progon", said[:200])
        return ""
    return prefix


def _placed(scope: Scope, prefix: str) -> Scope:
    path: str = scope["path"]
    if path == prefix or path.startswith(f"{prefix}/"):
        path = path[len(prefix):] or "/"
    raw = scope.get("raw_path")
    begins = prefix.encode()
    if raw is not None and raw != begins and not raw.startswith(begins + b"/"):
        raw = begins + raw
    return {**scope, "root_path": prefix, "path": prefix + path, "raw_path": raw}


def _place(headers: MutableHeaders, prefix: str) -> None:
    location = headers.get("location", "")
    if location.startswith("/") and not location.startswith("//"):
        headers["location"] = prefix + location
