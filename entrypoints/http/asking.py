"""What a request brings of whoever asks."""
from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Scope


def key_of(scope: Scope) -> str:
    """Empty where it brings none."""
    return key_in(dict(scope["headers"]))


def key_in(headers: Mapping[bytes, bytes]) -> str:
    """headers: by name, in lower case. Empty where none has a key."""
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return headers.get(b"x-api-key", b"").decode("latin-1").strip()


def address_of(scope: Scope) -> str:
    """Empty where the server does not know it."""
    client = scope.get("client")
    return str(client[0]) if client else ""
