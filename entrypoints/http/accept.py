"""What kind of answer a client takes."""
from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request


def accepted(request: Request, kinds: Sequence[str]) -> str | None:
    """The first of the media types that the client takes, by name rather than by a star; None if it takes none."""
    wanted = _wanted(request)
    if named := [kind for kind in kinds if kind in wanted]:
        return named[0]
    return next((kind for kind in kinds if wanted & {"*/*", "", f"{kind.partition('/')[0]}/*"}), None)


def is_named(request: Request, kind: str) -> bool:
    """Does the client ask for this media type by its name?"""
    return kind in _wanted(request)


def _wanted(request: Request) -> set[str]:
    return {part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "*/*").split(",")}
