"""What a request brings of whoever asks."""
from __future__ import annotations

from starlette.types import Scope


def key_of(scope: Scope) -> str:
    """Empty where it brings none."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return headers.get(b"x-api-key", b"").decode("latin-1").strip()


def address_of(scope: Scope) -> str:
    """Empty where the server does not know it."""
    client = scope.get("client")
    return str(client[0]) if client else ""
