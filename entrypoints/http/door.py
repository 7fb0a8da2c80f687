"""Who may come in by a browser: under which names it may ask, and pages of which origins may change something.

A browser sends what any page tells it to, with the visitor's own access to this machine. A page that has its name
pointed at 127.0.0.1 (DNS rebinding) is known by its Host, one that posts here from its own address by its Origin or by
what the browser says of it (Fetch Metadata, https://www.w3.org/TR/fetch-metadata/). Programs send neither.
"""
from __future__ import annotations

from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from entrypoints.http.straight import Answered, straight_of

ANY = "*"
Refuse = Callable[[Scope, str], ASGIApp]
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What the browser says of a page of this service itself, and of an address that somebody typed.
_OWN_SITES = frozenset({b"same-origin", b"none"})


class Door:
    """ASGI middleware in front of all others.

    hosts: names under which the service may be asked, without ports; a name that begins with a dot stands for all below
    it. origins: whose pages may change something, beside its own. In both ANY lets all in. refuse: makes the answer 403
    of why somebody may not.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], origins: Collection[str] = (),
                 refuse: Refuse = lambda _, why: PlainTextResponse(why, 403)) -> None:
        self._app, self._straight, self._origins, self._refuse = app, straight_of(app), frozenset(origins), refuse
        self._hosts, self._any_host = frozenset(host.lower() for host in hosts), ANY in hosts
        self._any_origin = ANY in self._origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refusal := self._refusal(scope)):
            await self._refuse(scope, refusal)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def straight(self, scope: Scope, body: bytes, answered: Answered) -> bool:
        return not self._refusal(scope) and self._straight(scope, body, answered)

    def _refusal(self, scope: Scope) -> str:
        """Empty for who may come in."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        if not self._any_host and not self._is_known(name_of(host)):
            return f"Host: {host[:100]} is not served here; PROGON_ALLOWED_HOSTS says which names are"
        if scope["method"] in _SAFE_METHODS or self._any_origin or self._is_own(headers, host):
            return ""
        origin = headers.get(b"origin", b"").decode("latin-1")
        return "" if origin in self._origins else (
            f"a page of {origin[:100] or 'another origin'} may not change anything here; PROGON_CORS_ORIGINS says "
            "which may")

    def _is_known(self, name: str) -> bool:
        """A request of HTTP/1.0 need not name a host, and no browser sends one."""
        return not name or name in self._hosts or any(
            host.startswith(".") and name.endswith(host) for host in self._hosts)

    def _is_own(self, headers: dict[bytes, bytes], host: str) -> bool:
        """Whether a page of the service itself asks, or none at all."""
        if site := headers.get(b"sec-fetch-site"):
            return site in _OWN_SITES
        if b"origin" not in headers:
            return True
        asked = urlsplit(headers[b"origin"].decode("latin-1")).netloc.lower()
        # A proxy tells the name that the browser used; no page can make a browser send this header unasked.
        return bool(asked) and asked in (host.lower(), headers.get(b"x-forwarded-host", b"").decode("latin-1").lower())


def name_of(host: str) -> str:
    """The name or address of a header Host, in lower case, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().rstrip(".")
