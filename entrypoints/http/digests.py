"""Whether two bodies are the same."""
from __future__ import annotations

import hashlib

from fastapi import Request
from starlette.types import Message

from entrypoints.http.bodies import parameter_of_type


class BodyDigest:
    """request: the one to read, whose body is digested as it is read."""

    def __init__(self, request: Request) -> None:
        self._receive, self._ended = request.receive, False
        content_type = request.headers.get("content-type", "")
        boundary = parameter_of_type(content_type, "boundary") if content_type.startswith("multipart/") else None
        self._digest = _Digest((boundary or "").encode("latin-1", "replace"))
        self.request = Request(request.scope, self._received)

    async def of_all(self) -> str:
        """Reads what was not read yet."""
        while not self._ended:
            await self._received()
        return self._digest.told()

    async def _received(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request":
            self._ended = True
        elif not self._ended:
            self._digest.add(message.get("body", b""))
            self._ended = not message.get("more_body", False)
        return message


class _Digest:
    """Without the boundary between the parts of a form, which whoever sends it draws anew each time."""

    def __init__(self, boundary: bytes) -> None:
        self._hash, self._boundary, self._left = hashlib.blake2b(digest_size=16), boundary, b""

    def add(self, piece: bytes) -> None:
        boundary = self._boundary
        if not boundary:
            self._hash.update(piece)
            return
        *whole, rest = (self._left + piece).split(boundary)
        for part in whole:
            self._hash.update(part)
        # In whose last bytes a boundary may begin.
        cut = max(0, len(rest) - len(boundary) + 1)
        self._hash.update(rest[:cut])
        self._left = rest[cut:]

    def told(self) -> str:
        """At the end."""
        self._hash.update(self._left)
        self._left = b""
        return self._hash.hexdigest()
