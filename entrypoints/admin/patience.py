"""Answers of the API that may take long: a page shows what is there by then, and has the rest when it is loaded
again."""
from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

Found = TypeVar("Found")

# A page is not kept waiting longer.
PATIENCE_S = 1.5
# Nobody else holds what goes on.
_WAITED_FOR: set[asyncio.Future[Any]] = set()


async def soon(asked: Sequence[Coroutine[Any, Any, Found]], patience_s: float = PATIENCE_S) -> list[Found | None]:
    """None of what is not there yet; it goes on, so that the API has it at once the next time. Raises: what they do."""
    asking = [asyncio.ensure_future(one) for one in asked]
    for one in asking:
        _WAITED_FOR.add(one)
        one.add_done_callback(_done)
    if asking:
        await asyncio.wait(asking, timeout=patience_s)
    return [one.result() if one.done() else None for one in asking]


def _done(one: asyncio.Future[Any]) -> None:
    """Of a failure that comes later nobody is left to be told."""
    _WAITED_FOR.discard(one)
    if not one.cancelled():
        one.exception()
