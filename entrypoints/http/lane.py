"""The short way of a row past the framework: `POST /forward` with one row as JSON, `POST /v2/models/{task}/infer` with
one row of tensors.

The framework's routing, stacks and wrappers take longer than decoding, the model and the log do together. What comes
here as usual, a row without fault for a model that serves, is answered here: by the same use case, with the same
headers, counts and lines of the log. All else goes to the framework as it came, which knows the words.
"""
from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from asyncio import Future, get_running_loop
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any, Generic, TypeVar, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from application.ports.serving_models import ServedModel, ServingModels
from application.ports.telemetry import Telemetry
from application.serving.beside_rows import RowsLately
from application.serving.choosing import in_turn, key_of
from application.serving.current_request import CurrentRequest
from application.use_cases.choose_task import ChooseTask
from domain.api_key import Right
from domain.errors import ProgonError
from domain.kinds.kind import Kind
from domain.task import Task
from entrypoints.http import asking
from entrypoints.http.gate import Gate
from entrypoints.http.gathering import Addressee, Gathering
from entrypoints.http.metering import tell
from entrypoints.http.prefix import path_of
from entrypoints.http.request_id import USABLE
from entrypoints.http.straight import ASKED, Answered, Sent

# No row is so long, but a body may be: a million unknown keys would keep everybody else waiting for seconds.
LARGE_ROW_BYTES = 64 << 10
Headers = Mapping[bytes, bytes]
Cells = Mapping[str, float | str]
Made = TypeVar("Made")
_log = logging.getLogger("progon.access")


@dataclass(frozen=True, slots=True)
class Services:
    """What the way of a row needs. max_bytes: of a body."""

    choose_task: ChooseTask
    models: ServingModels
    telemetry: Telemetry
    new_id: Callable[[], str]
    gate: Gate
    rows: RowsLately
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What the path and the query of a request say. route: as it is counted. path: as the log keeps it. task: None
    where none is named."""

    route: str
    path: str
    task: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """head: the headers, as they are sent, but for its length and the request's id."""

    head: bytes
    body: bytes


class Way(ABC):
    """One form in which a row comes and is answered. kinds: how it says so, as Content-Type; none at all will do.
    headers: names of those that it wants to see."""

    kinds: frozenset[bytes]
    headers: frozenset[bytes] = frozenset()

    @abstractmethod
    def asked(self, path: str, query: bytes) -> Asked | None:
        """None for what is not of this way, or not as usual."""

    @abstractmethod
    def row(self, served: ServedModel, asked: Asked, headers: Headers, body: bytes) -> Any:
        """What `answers` is given of it; None where it is not as it should be, or might not be."""

    @abstractmethod
    def cells(self, row: Any) -> Cells:
        """Those of what `row` gave, coerced."""

    @abstractmethod
    def answers(self, to: Addressee, requests: Sequence[CurrentRequest], rows: Sequence[Any]) -> Sequence[Reply]:
        """What is sent to each. What it raises makes all of them go the framework's way."""


class OfTask(Generic[Made]):
    """What is made of a task once, and once more when it has changed."""

    def __init__(self, make: Callable[[Task], Made]) -> None:
        self._make = make
        self._made: dict[str, tuple[Task, Made]] = {}

    def get(self, task: Task) -> Made:
        made = self._made.get(task.name)
        if made is None or made[0] is not task:
            made = self._made[task.name] = task, self._make(task)
        return made[1]


@dataclass(slots=True)
class _Asking:
    """A request of one of the ways, before its body is read. headers: those that the way wants to see. began: in
    seconds of `perf_counter`."""

    scope: Scope
    way: Way
    gathering: Gathering[Any, Reply]
    asked: Asked
    headers: Headers
    request: CurrentRequest
    began: float


class Lane:
    """ASGI middleware in front of the framework, and its straight way. cross_origin: whether pages of other origins may
    ask; their answers need further headers."""

    def __init__(self, app: ASGIApp, services: Services, ways: Sequence[Way], cross_origin: bool) -> None:
        self._app, self._services = app, services
        self._max_bytes = min(services.max_bytes, LARGE_ROW_BYTES)
        self._unknown = frozenset({b"content-encoding", b"origin"} if cross_origin else {b"content-encoding"})
        self._ways = [(way, Gathering(way.answers, services.rows)) for way in ways]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and ASKED not in scope and (asking := self._asking(scope)) is not None:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                sent: Future[Sent | None] = get_running_loop().create_future()
                if self._takes(asking, message.get("body", b""), partial(_resolve, sent)) and await sent is not None:
                    await _send(send, *cast(Sent, sent.result()))
                    return
            receive = _again(message, receive)
        await self._app(scope, receive, send)

    def straight(self, scope: Scope, body: bytes, answered: Answered) -> bool:
        asking = self._asking(scope)
        return asking is not None and self._takes(asking, body, answered)

    def _asking(self, scope: Scope) -> _Asking | None:
        """None for a request that is not of these ways, or not as usual."""
        if scope["method"] != "POST":
            return None
        began, path = perf_counter(), path_of(scope)
        for way, gathering in self._ways:
            if (asked := way.asked(path, scope["query_string"])) is not None:
                head = self._head(scope, way, asked)
                return None if head is None else _Asking(
                    scope, way, gathering, asked, head[0], CurrentRequest(head[1], asked.path), began)
        return None

    def _takes(self, asking: _Asking, body: bytes, answered: Answered) -> bool:
        """False where something is in the way. Nothing was kept or counted then."""
        found = self._row(asking, body)
        if found is None:
            return False
        to, row = found
        asking.gathering.ask(to, asking.request, row, partial(self._answer, asking, answered))
        return True

    def _answer(self, asking: _Asking, answered: Answered, reply: Reply | None) -> None:
        if reply is None:
            answered(None)
            return
        request, route = asking.request, asking.asked.route
        try:
            answered((b"content-length: %d\r\n%bx-request-id: %b\r\n" % (
                len(reply.body), reply.head, request.id.encode("ascii")), reply.body))
        finally:
            duration_s = perf_counter() - asking.began
            self._services.telemetry.request_ended(route, request.task, 200, duration_s)
            if _log.isEnabledFor(logging.INFO):
                tell(asking.scope, route, 200, duration_s * 1000)

    def _head(self, scope: Scope, way: Way, asked: Asked) -> tuple[Headers, str] | None:
        """(what the way wants to see, the request's id), or None for a request that is not as usual."""
        given, kinds = None, 0
        own: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name == b"content-type":
                kinds += 1 if value in way.kinds else 2
            elif name == b"x-request-id":
                given = value if given is None else given
            elif name in way.headers:
                if name in own:
                    return None
                own[name] = value
            elif name in self._unknown:
                return None
        if kinds > 1 or not self._may_ask(scope, asked.task):
            return None
        return own, given.decode("ascii") if given and USABLE.fullmatch(given) else self._services.new_id()

    def _may_ask(self, scope: Scope, task: str | None) -> bool:
        """Whoever may not is counted and told why by the framework's way."""
        gate = self._services.gate
        if gate.is_open:
            return True
        try:
            caller = gate.look(asking.key_of(scope), asking.address_of(scope))
        except ProgonError:
            return False
        scope.setdefault("state", {})["caller"] = caller
        return caller is None or caller.may(Right.PREDICT, task)

    def _row(self, asking: _Asking, body: bytes) -> tuple[Addressee, Any] | None:
        """(whom it asks, what the way made of it)."""
        if len(body) > self._max_bytes:
            return None
        asked = asking.asked
        try:
            served = self._services.models.current(self._services.choose_task.execute(asked.task, Kind.TABULAR))
        except Exception:  # the framework meets it too, and tells it
            return None
        row = asking.way.row(served, asked, asking.headers, body) if served.task.kind is Kind.TABULAR else None
        if row is None:
            return None
        if (candidate := served.candidate) is None:
            return (served.task.name, None), row
        by = candidate.rollout.by
        if by is None:
            return (served.task.name, in_turn(served, asking.request.id).experiment_id), row
        # A column that no model takes is not read here.
        cell = asking.way.cells(row).get(by)
        return None if cell is None else ((served.task.name, in_turn(served, key_of(cell)).experiment_id), row)


def _resolve(future: Future[Sent | None], sent: Sent | None) -> None:
    if not future.done():  # whose task was cancelled meanwhile
        future.set_result(sent)


def _again(first: Message, receive: Receive) -> Receive:
    """What was received already comes once more."""
    waiting = [first]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()
    return receive_again


async def _send(send: Send, headers: bytes, body: bytes) -> None:
    """headers: as they are sent."""
    named = [line.split(b": ", 1) for line in headers.split(b"\r\n") if line]
    await send({"type": "http.response.start", "status": 200, "headers": [(name, value) for name, value in named]})
    await send({"type": "http.response.body", "body": body})
