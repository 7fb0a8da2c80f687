"""The client whose answers are awaited."""
from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import count
from typing import Any, TypeVar

import httpx

from progon_client import exchange
from progon_client.answers.events import Reading
from progon_client.answers.experiments import Experiment
from progon_client.call import Call
from progon_client.described import AskingLater
from progon_client.events import Event, Story
from progon_client.methods import Methods
from progon_client.retries import Outcome, Retries
from progon_client.tellings import Telling, tells

T = TypeVar("T")


class AsyncClient(Methods, AskingLater):
    """As Client, for asyncio: the methods are coroutines, and `events` is an asynchronous iterator. Files are read from
    the disk in the loop's own thread. options: further ones of httpx.AsyncClient."""

    def __init__(self, url: str = "http://127.0.0.1:8000", key: str | None = None, *, timeout_s: float = 60.0,
                 retries: Retries = Retries(), **options: Any) -> None:
        self._http = httpx.AsyncClient(**exchange.options(url, key, timeout_s) | options)
        self._timeout_s, self._retries = timeout_s, retries

    async def ask(self, call: Call[T]) -> T:
        """Any call, also one that was described elsewhere. Raises: ProgonError."""
        headers = exchange.identified(call)
        for attempt in count(1):
            outcome = await self._outcome(call, headers)
            pause_s = self._retries.pause_s(attempt, outcome, call)
            if pause_s is None:
                break
            await asyncio.sleep(pause_s)
        return exchange.concluded(call, outcome)

    async def tell(self, call: Call[T]) -> AsyncIterator[Reading | T]:
        """Any call with a file that the service tells of: how far it is read, as it goes on; the answer itself comes
        last. An attempt that is repeated begins anew. Raises: ProgonError."""
        headers = exchange.identified_as_told(call)
        for attempt in count(1):
            telling = Telling()
            try:
                with call.contents() as contents:
                    request = exchange.sent(call, contents, headers, self._timeout_s)
                    async with self._http.stream(**request) as response:
                        if not tells(response):
                            await response.aread()
                            outcome: Outcome = response
                        else:
                            async for piece in response.aiter_bytes():
                                for event in telling.hear(piece):
                                    yield event
                            outcome = telling.outcome(response)
            except httpx.TransportError as failure:
                outcome = failure
            pause_s = self._retries.pause_s(attempt, outcome, call)
            if pause_s is None:
                break
            await asyncio.sleep(pause_s)
        yield exchange.concluded(call, outcome)

    async def events(self, experiment_id: int) -> AsyncIterator[Event]:
        """How far a training is, its loss and its log, as it goes on; the experiment itself comes last, when it has
        ended. A connection that breaks is made anew. Raises: ProgonError."""
        story, patience = Story(), exchange.Patience(self._retries)
        while not story.ended:
            outcome: Outcome = story.connect()
            try:
                async with self._http.stream(**exchange.stream_of(experiment_id)) as response:
                    if not response.is_success:
                        await response.aread()
                        outcome = response
                    else:
                        async for piece in response.aiter_bytes():
                            patience.heard()
                            for event in story.hear(piece):
                                yield event
            except httpx.TransportError as failure:
                outcome = failure
            if not story.ended:
                await asyncio.sleep(patience.pause_s(outcome))

    async def wait(self, experiment_id: int, *, timeout_s: float | None = None) -> Experiment:
        """The experiment once it has succeeded. Raises: NotSucceeded, TimeoutError, ProgonError."""
        until = time.monotonic() + (float("inf") if timeout_s is None else timeout_s)
        for pause_s in exchange.looks_s():
            if exchange.ended(found := await self.experiment(experiment_id)):
                break
            if time.monotonic() > until:
                raise TimeoutError(f"experiment {experiment_id} is {found.status} after {timeout_s:g} s")
            await asyncio.sleep(pause_s)
        return found

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _outcome(self, call: Call[Any], headers: dict[str, str]) -> Outcome:
        try:
            with call.contents() as contents:
                return await self._http.request(**exchange.sent(call, contents, headers, self._timeout_s))
        except httpx.TransportError as failure:
            return failure
