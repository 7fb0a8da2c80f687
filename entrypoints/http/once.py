"""What comes twice with one Idempotency-Key is done once
(https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/)."""
from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.ports.kept_answers import Claim, KeptAnswer, KeyOfAnotherRequest, StillWorkedOn
from domain.errors import Fault, InvalidInput, ModelFailure, ProgonError
from entrypoints.http.dependencies import caller_name, wired
from entrypoints.http.digests import BodyDigest
from entrypoints.http.errors import answer
from entrypoints.http.prefix import path_of
from entrypoints.wiring import ports

HEADER, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
MAX_CHARS = 255
HOLD_EVERY_S = 15.0
RETRY_AFTER_S = 1
_USABLE = re.compile(r"[\x21-\x7e]{1,%d}" % MAX_CHARS)
# What the server or a middleware puts on each answer anew.
_OWN_HEADERS = frozenset({"content-length", "date", "server", "x-request-id"})
_MARK = "__progon_once__"
_log = logging.getLogger("progon.http")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


def once(endpoint: Endpoint) -> Endpoint:
    """Stands between a route and its handler. The route is an OnceRoute."""
    setattr(endpoint, _MARK, True)
    return endpoint


def is_once(endpoint: object) -> bool:
    return getattr(endpoint, _MARK, False)


class OnceRoute(APIRoute):
    """A handler that is marked with `once` is called once for each key of a caller. Who asks the same again is answered
    as before, with `Idempotent-Replayed: true`. What was refused left nothing, and is tried anew; what a model failed
    at was worked on."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        if not is_once(self.endpoint):
            return handle

        async def handle_once(request: Request) -> Response:
            if (key := _key(request)) is None:
                return await handle(request)
            return await _Once(request, key).answered(handle)
        return handle_once


def _key(request: Request) -> str | None:
    """Raises: InvalidInput."""
    said = request.headers.getlist(HEADER)
    if not said:
        return None
    if len(said) > 1 or not _USABLE.fullmatch(said[0]):
        problem = f"expected one, of 1 to {MAX_CHARS} printable characters of ASCII without spaces"
        raise InvalidInput(f"{HEADER}: {problem}", [Fault(HEADER, problem)])
    return said[0]


class _Once:
    """A request with its key."""

    def __init__(self, request: Request, key: str) -> None:
        self._request, self._key, self._who = request, key, caller_name(request) or ""
        self._kept, self._now = ports.kept_answers(wired(request)), ports.clock(wired(request)).now
        self._digest = BodyDigest(request)

    async def answered(self, handle: Handler) -> Response:
        """Raises: Conflict, and what the handler does."""
        asked = f"{self._request.method} {path_of(self._request.scope)}?{self._request.url.query}"
        claim = await run_in_threadpool(self._kept.claim, self._who, self._key, asked, self._now())
        if claim is not None:
            return await self._told_again(claim, asked)
        try:
            async with self._held():
                response, worked_on = await self._handled(handle)
        except BaseException:
            await self._give_back()
            raise
        await (self._keep(response) if worked_on else self._give_back())
        return response

    async def _told_again(self, claim: Claim, asked: str) -> Response:
        """Raises: KeyOfAnotherRequest."""
        if claim.asked != asked:
            raise KeyOfAnotherRequest(f"{HEADER}: {self._key} came with {claim.asked} before; choose another for this")
        if claim.answer is None:
            return _come_again(StillWorkedOn(f"what came with the {HEADER} {self._key} before is still worked on"))
        if await self._digest.of_all() != claim.answer.digest:
            raise KeyOfAnotherRequest(f"{HEADER}: {self._key} came with another body before; choose another for this")
        return Response(claim.answer.body, claim.answer.status, {**claim.answer.headers, REPLAYED: "true"})

    async def _handled(self, handle: Handler) -> tuple[Response, bool]:
        """The answer, and whether something was done for it."""
        try:
            response = await handle(self._digest.request)
        except ModelFailure as failure:
            return answer(failure), True
        return response, response.status_code < 400

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        holding = asyncio.create_task(self._hold())
        try:
            yield
        finally:
            holding.cancel()
            with suppress(asyncio.CancelledError):
                await holding

    async def _hold(self) -> None:
        while True:
            await asyncio.sleep(HOLD_EVERY_S)
            with suppress(ProgonError):  # the next may go better
                await run_in_threadpool(self._kept.hold, self._who, self._key, self._now())

    async def _keep(self, response: Response) -> None:
        """What was done is told, whether or not it can be told again."""
        headers = {name: value for name, value in response.headers.items() if name not in _OWN_HEADERS}
        kept = KeptAnswer(await self._digest.of_all(), response.status_code, headers, bytes(response.body))
        try:
            await run_in_threadpool(self._kept.keep, self._who, self._key, kept)
        except ProgonError as failure:
            _log.warning("the answer for an %s could not be kept: %s", HEADER, failure)

    async def _give_back(self) -> None:
        with suppress(ProgonError):  # it is lost by itself
            await run_in_threadpool(self._kept.give_back, self._who, self._key)


def _come_again(failure: StillWorkedOn) -> Response:
    told = answer(failure)
    told.headers["Retry-After"] = str(RETRY_AFTER_S)
    return told
