"""How many long requests are worked on at once."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from domain.errors import Busy


class Slots:
    """count: requests at once. wait_s: how long one more may wait for a slot before it is told to come again, which
    `on_busy` counts."""

    def __init__(self, count: int, wait_s: float, on_busy: Callable[[], None] = lambda: None) -> None:
        self._free, self._wait_s, self._on_busy = asyncio.Semaphore(count), wait_s, on_busy

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Raises: Busy."""
        await self.take()
        try:
            yield
        finally:
            self.give_back()

    async def take(self) -> None:
        """Raises: Busy. Whoever took a slot gives it back."""
        try:
            await asyncio.wait_for(self._free.acquire(), self._wait_s)
        except TimeoutError:
            self._on_busy()
            raise Busy("every slot for long requests is taken", retry_after_s=max(1, round(self._wait_s))) from None

    def give_back(self) -> None:
        self._free.release()
