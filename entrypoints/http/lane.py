"""The short way of `POST /forward` with one row as JSON, past the framework.

The framework's routing, stacks and wrappers take longer than decoding, the model and the log do together. What comes
here as usual, a row without fault for a model that serves, is answered here: by the same use case, with the same
headers, counts and lines of the log. All else goes to the framework as it came, which knows the words.
"""
from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from application.ports.serving_models import ServingModels
from application.ports.telemetry import Telemetry
from application.serving.current_request import CurrentRequest
from application.use_cases.answer_rows import GatheredAnswering
from application.use_cases.choose_task import ChooseTask
from domain.api_key import Right
from domain.errors import ProgonError
from domain.kinds.kind import Kind
from domain.task import Task
from entrypoints.formats.row_decoder import RowDecoder
from entrypoints.formats.tables import row_answers
from entrypoints.http.asking import address_of, key_of
from entrypoints.http.connection import IN_ONE_PIECE, UNDER_WAY
from entrypoints.http.gate import Gate
from entrypoints.http.gathering import Cells, Gathering
from entrypoints.http.metering import tell
from entrypoints.http.prefix import path_of
from entrypoints.http.request_id import USABLE

PATH = "/forward"
# No row is so long, but a body may be: a million unknown keys would keep everybody else waiting for seconds.
LARGE_ROW_BYTES = 64 << 10
_TYPES = frozenset({b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"})
_TASK = re.compile(rb"task=([\w-]+)", re.ASCII)
_HEADERS = b"content-length: %d\r\ncontent-type: application/json\r\nx-request-id: %b\r\n"
_log = logging.getLogger("progon.access")


@dataclass(frozen=True, slots=True)
class Services:
    """What the way of a row needs. max_bytes: of a body."""

    choose_task: ChooseTask
    models: ServingModels
    answering: GatheredAnswering
    telemetry: Telemetry
    new_id: Callable[[], str]
    gate: Gate
    max_bytes: int


class Lane:
    """ASGI middleware in front of the framework. cross_origin: whether pages of other origins may ask; their answers
    need further headers."""

    def __init__(self, app: ASGIApp, services: Services, cross_origin: bool) -> None:
        self._app, self._services = app, services
        self._max_bytes = min(services.max_bytes, LARGE_ROW_BYTES)
        self._unknown = frozenset({b"content-encoding", b"origin"} if cross_origin else {b"content-encoding"})
        self._decoders: dict[str, tuple[Task, RowDecoder]] = {}
        self._gathering = Gathering(self._answers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or path_of(scope) != PATH:
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        message, body = None, None
        if (head := self._head(scope)) is not None:
            message = await receive()
            if row := self._row(message, head[0]):
                request = CurrentRequest(head[1], PATH)
                body = (self._gathering.at_once(row[0], request, row[1]) if len(scope.get(UNDER_WAY, ())) == 1
                        else await self._gathering.ask(row[0], request, row[1]))
        if body is None:
            await self._app(scope, receive if message is None else _again(message, receive), send)
            return
        try:
            in_one_piece = scope.get(IN_ONE_PIECE)
            if in_one_piece is None or not in_one_piece(_HEADERS % (len(body), request.id.encode("ascii")), body):
                await _send(send, request.id, body)
        finally:
            duration_s = perf_counter() - began
            self._services.telemetry.request_ended(PATH, request.task, 200, duration_s)
            if _log.isEnabledFor(logging.INFO):
                tell(scope, PATH, 200, duration_s * 1000)

    def _head(self, scope: Scope) -> tuple[str | None, str] | None:
        """(the task that the request names, its id), or None for a request that is not as usual."""
        given, kinds = None, 0
        for name, value in scope["headers"]:
            if name == b"content-type":
                kinds += 1 if value in _TYPES else 2
            elif name == b"x-request-id":
                given = value if given is None else given
            elif name in self._unknown:
                return None
        if kinds > 1:
            return None
        name = None
        if query := scope["query_string"]:
            if (said := _TASK.fullmatch(query)) is None:
                return None
            name = said[1].decode("ascii")
        if not self._may_ask(scope, name):
            return None
        return name, given.decode("ascii") if given and USABLE.fullmatch(given) else self._services.new_id()

    def _may_ask(self, scope: Scope, task: str | None) -> bool:
        """Whoever may not is counted and told why by the framework's way."""
        gate = self._services.gate
        if gate.is_open:
            return True
        try:
            caller = gate.look(key_of(scope), address_of(scope))
        except ProgonError:
            return False
        scope.setdefault("state", {})["caller"] = caller
        return caller is None or caller.may(Right.PREDICT, task)

    def _row(self, message: Message, name: str | None) -> tuple[str, Cells] | None:
        """(its task, its cells); None where something is in the way. Nothing was kept or counted then."""
        body = message.get("body", b"")
        if message["type"] != "http.request" or message.get("more_body") or len(body) > self._max_bytes:
            return None
        try:
            task = self._services.models.current(self._services.choose_task.execute(name, Kind.TABULAR)).task
        except Exception:  # the framework meets it too, and tells it
            return None
        cells = self._decoder(task).decode(body) if task.kind is Kind.TABULAR else None
        return None if cells is None else (task.name, cells)

    def _answers(self, task: str, requests: Sequence[CurrentRequest], rows: Sequence[Cells]) -> Sequence[bytes]:
        exchange = self._services.answering.gathered(task, requests, rows)
        return row_answers([request.id for request in requests], exchange)

    def _decoder(self, task: Task) -> RowDecoder:
        made = self._decoders.get(task.name)
        if made is None or made[0] is not task:
            made = self._decoders[task.name] = task, RowDecoder(task.schema)
        return made[1]


def _again(first: Message, receive: Receive) -> Receive:
    """What was received already comes once more."""
    waiting = [first]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()
    return receive_again


async def _send(send: Send, request_id: str, body: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [
        (b"content-length", b"%d" % len(body)), (b"content-type", b"application/json"),
        (b"x-request-id", request_id.encode("ascii"))]})
    await send({"type": "http.response.body", "body": body})
