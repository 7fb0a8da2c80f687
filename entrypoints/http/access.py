"""API keys: who may ask, and who may change something."""
from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import Forbidden, ProgonError, Unauthorized
from entrypoints.http.errors import answer
from entrypoints.http.prefix import path_of
from entrypoints.settings import WrongSetting

# What has to answer before anybody has a key: probes and the scrape of a monitoring on the same network.
OPEN_PATHS = frozenset({"/healthz", "/readyz", "/metrics", "/v2/health/live", "/v2/health/ready"})
# Answers of a model change nothing, although they are asked for with POST.
_READING_POSTS = frozenset({"/forward", "/forward_batch", "/evaluate", "/v2/repository/index"})
_INFER = re.compile(r"/v2/models/[^/]+(/versions/[^/]+)?/infer")
_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Caller:
    """name: as the history of deployments tells it."""

    name: str
    may_write: bool


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """digest of a key (SHA-256) -> whose it is. A key is 128 random bits or more, so a plain hash does."""

    callers: Mapping[bytes, Caller]

    @classmethod
    def parse(cls, text: str) -> ApiKeys:
        """`KEY` or `KEY:write` may do all, `KEY:read` may ask but not change; `KEY:write:NAME` says whose it is;
        several with commas between.

        Raises: WrongSetting.
        """
        callers = {}
        for entry in filter(None, (part.strip() for part in text.split(","))):
            key, _, rest = entry.partition(":")
            right, _, name = rest.partition(":")
            if right not in ("", "read", "write") or not key:
                raise WrongSetting("PROGON_API_KEYS: a key is KEY, KEY:read, KEY:write or KEY:write:NAME")
            digest = _digest(key)
            if digest in callers:
                raise WrongSetting("PROGON_API_KEYS: a key is there twice, and only one of its rights can be meant")
            callers[digest] = Caller(name or f"key {digest.hex()[:6]}", right != "read")
        return cls(callers)

    def check(self, key: str, writes: bool) -> Caller:
        """Raises: Unauthorized, Forbidden."""
        if not key:
            raise Unauthorized("a key is needed: Authorization: Bearer KEY, or X-API-Key: KEY")
        digest = _digest(key)
        caller = next((found for stored, found in self.callers.items() if hmac.compare_digest(stored, digest)), None)
        if caller is None:
            raise Unauthorized("the key is unknown")
        if writes and not caller.may_write:
            raise Forbidden("this key may ask, but not change anything")
        return caller


class Access:
    """ASGI middleware; not installed where no keys are set. Who asks stands in `scope["state"]["caller"]`."""

    def __init__(self, app: ASGIApp, keys: ApiKeys) -> None:
        self._app, self._keys = app, keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_of(scope) if scope["type"] == "http" else ""
        if scope["type"] == "http" and path not in OPEN_PATHS:
            reads = scope["method"] in _READING_METHODS or path in _READING_POSTS or _INFER.fullmatch(path)
            try:
                caller = self._keys.check(key_of(scope), writes=not reads)
            except ProgonError as failure:
                await answer(failure)(scope, receive, send)
                return
            scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)


def key_of(scope: Scope) -> str:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return headers.get(b"x-api-key", b"").decode("latin-1").strip()


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
