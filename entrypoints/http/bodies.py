"""Request bodies, read within their limits."""
from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.requests import Request

from domain.errors import InvalidInput, TooLarge


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def pieces(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    """The body as it arrives. Raises: TooLarge as soon as it is known to be, whatever Content-Length promised."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise TooLarge(f"the body has {declared} bytes; {max_bytes} are allowed")
    received = 0
    async for piece in request.stream():
        received += len(piece)
        if received > max_bytes:
            raise TooLarge(f"the body has more than the {max_bytes} bytes allowed")
        yield piece


async def read_limited(request: Request, max_bytes: int) -> bytes:
    """The whole body. Raises: TooLarge."""
    return b"".join([piece async for piece in pieces(request, max_bytes)])


async def read_json(request: Request, max_bytes: int) -> bytes:
    """Raises: InvalidInput if the body says it is something else, TooLarge."""
    kind = media_type(request)
    if kind not in ("", "application/json") and not kind.endswith("+json"):
        raise InvalidInput(f"expected Content-Type: application/json, got {kind}")
    return await read_limited(request, max_bytes)
