"""What is around every call: who asks and what he may, its counts and its line in the log, refusals in words."""
from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from time import perf_counter

import grpc
from google.protobuf.message import DecodeError, Message

from application.caller import current_caller
from application.serving.current_request import CurrentRequest, current_request
from domain.errors import InvalidInput, ProgonError
from domain.full_disk import is_full
from entrypoints.grpc import statuses
from entrypoints.grpc.call import Call, Context, address_of, headers_of
from entrypoints.grpc.descriptors import SERVICE
from entrypoints.grpc.methods import METHODS, Method, task_of
from entrypoints.grpc.statuses import Refusal
from entrypoints.http.asking import key_in
from entrypoints.http.callers import Caller
from entrypoints.http.draining import Draining
from entrypoints.http.errors import CLIENT_CLOSED_REQUEST
from entrypoints.http.full_disk import no_room
from entrypoints.http.gate import Gate
from entrypoints.http.metering import OTHER, write_line
from entrypoints.http.request_id import USABLE
from entrypoints.http.rights import needs_of, require_own_task, require_right
from entrypoints.http.taking import take_soon
from entrypoints.wiring import ports
from entrypoints.wiring.container import Container

# For the message of a call, however large it is and however slowly it comes.
MESSAGE_S = 300.0
# As it came, parsed, and as tensors.
_MESSAGE_COPIES = 3
REQUEST_ID, RETRY_AFTER = "x-request-id", "retry-after"
_access, _log = logging.getLogger("progon.access"), logging.getLogger("progon.grpc")


@dataclass(slots=True)
class _UnderWay:
    """caller: once it is known."""

    request: CurrentRequest
    headers: Mapping[bytes, bytes]
    address: str
    caller: Caller | None = None


class Calls:
    """gate: the one that requests over HTTP pass too."""

    def __init__(self, container: Container, gate: Gate, draining: Draining,
                 methods: Mapping[str, Method] = METHODS) -> None:
        self._container, self._gate, self._draining, self._methods = container, gate, draining, methods

    async def answer(self, name: str, came: AsyncIterator[bytes], context: Context) -> AsyncIterator[bytes]:
        """The one message that answers. name: of a method, which need not be there."""
        began, status, refused = perf_counter(), CLIENT_CLOSED_REQUEST, None
        under_way = self._begun(name, context)
        current_request.set(under_way.request)
        try:
            answer = (await self._answered(name, under_way, came)).SerializeToString()
            status = 200
        except Exception as failure:
            refused = self._refusal(failure)
            status = refused.http_status
        finally:
            ports.room(self._container).end(under_way.request)
            self._ended(under_way, status, perf_counter() - began)
        metadata = ((REQUEST_ID, under_way.request.id),)
        if refused is not None:
            await refuse(context, refused, metadata)
        context.set_trailing_metadata(metadata)
        yield answer

    def let_in(self, context: Context) -> Caller | None:
        """Who asks, by the key that comes with a call. Raises: as `Gate.ask`."""
        return self._gate.ask(key_in(headers_of(context)), address_of(context))

    def _begun(self, name: str, context: Context) -> _UnderWay:
        headers = headers_of(context)
        given = headers.get(REQUEST_ID.encode(), b"")
        request_id = given.decode("ascii") if USABLE.fullmatch(given) else ports.clock(self._container).new_id()
        # The names of others would make as many series as somebody makes up.
        route = f"/{SERVICE}/{name}" if name in self._methods else OTHER
        return _UnderWay(CurrentRequest(request_id, route), headers, address_of(context))

    async def _answered(self, name: str, under_way: _UnderWay, came: AsyncIterator[bytes]) -> Message:
        """Whoever may not ask is refused before what he sends is taken."""
        method = self._methods.get(name)
        needed = None if method is None else needs_of(method.answer)
        if needed is None or needed.rights:
            under_way.caller = self._gate.ask(key_in(under_way.headers), under_way.address)
            current_caller.set(None if under_way.caller is None else under_way.caller.name)
        if method is None:
            raise statuses.UnknownMethod(f"{name[:100]} is not offered; offered are {', '.join(self._methods)}")
        caller = under_way.caller
        if caller is not None:
            needed = require_right(caller, needed)
        raw = await _message(came)
        await take_soon(ports.room(self._container), _MESSAGE_COPIES * len(raw))
        asked = _parsed(method, raw)
        if caller is not None and caller.tasks and needed is not None and needed.of_a_task:
            require_own_task(caller, task_of(asked))
        return await method.answer(
            Call(self._container, self._draining, under_way.request.id, caller, len(raw)), asked)

    def _refusal(self, failure: Exception) -> Refusal:
        if isinstance(failure, OSError) and is_full(failure):
            failure = no_room(ports.disk(self._container), failure)
        if isinstance(failure, ProgonError):
            return statuses.refusal(failure)
        _log.error("a call failed", exc_info=failure)
        return Refusal(grpc.StatusCode.INTERNAL, 500, statuses.OUR_FAULT)

    def _ended(self, under_way: _UnderWay, status: int, duration_s: float) -> None:
        request = under_way.request
        ports.telemetry(self._container).request_ended(request.route, request.task, status, duration_s)
        if _access.isEnabledFor(logging.INFO):
            write_line("gRPC", request.route, status, duration_s * 1000, under_way.caller, under_way.address)


async def refuse(context: Context, refused: Refusal, metadata: tuple[tuple[str, str], ...] = ()) -> None:
    """Ends the call. Raises: what gRPC ends it by."""
    if refused.retry_after_s is not None:
        metadata = (*metadata, (RETRY_AFTER, str(refused.retry_after_s)))
    await context.abort(refused.status, refused.words, metadata)


async def _message(came: AsyncIterator[bytes]) -> bytes:
    """Raises: InvalidInput."""
    try:
        async with asyncio.timeout(MESSAGE_S):
            return await anext(came)
    except TimeoutError as failure:
        raise InvalidInput("the message did not come in time") from failure
    except StopAsyncIteration as failure:
        raise InvalidInput("the call has no message") from failure


def _parsed(method: Method, raw: bytes) -> Message:
    """Raises: InvalidInput."""
    try:
        return method.asked.FromString(raw)
    except DecodeError as failure:
        raise InvalidInput(f"the message is no {method.asked.DESCRIPTOR.full_name}: {failure}") from failure
