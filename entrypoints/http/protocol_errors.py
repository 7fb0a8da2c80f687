"""Failures below /v2 in the form of the Open Inference Protocol, wherever they arise."""
from __future__ import annotations

import json

import msgspec
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from entrypoints.answers.v2 import ProtocolErrorAnswer
from entrypoints.http.prefix import path_of

_ROOT, _PROBLEM = "/v2", b"application/problem+json"


def speaks_protocol(scope: Scope) -> bool:
    return scope["type"] == "http" and (path_of(scope) == _ROOT or path_of(scope).startswith(f"{_ROOT}/"))


def protocol_error(problem: bytes) -> bytes:
    """problem: a body of problem+json."""
    told = json.loads(problem)
    return msgspec.json.encode(ProtocolErrorAnswer(told["detail"] or told["title"]))


def in_protocol(scope: Scope, problem: Response) -> Response:
    """The same answer in the form that the request's path asks for."""
    if not speaks_protocol(scope):
        return problem
    headers = {name: value for name, value in problem.headers.items() if name not in ("content-type", "content-length")}
    return Response(protocol_error(bytes(problem.body)), problem.status_code, headers, "application/json")


class ProtocolErrors:
    """ASGI middleware around all that may refuse a request. Statuses and headers stay."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, _Reworded(send).send if speaks_protocol(scope) else send)


class _Reworded:
    def __init__(self, send: Send) -> None:
        self._send, self._start, self._body = send, dict[str, object](), b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and dict(message["headers"]).get(b"content-type") == _PROBLEM:
            self._start = dict(message)
        elif not self._start:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._tell()

    async def _tell(self) -> None:
        # The answer to a HEAD has no body to reword, and its length is the one that a GET would have.
        body = protocol_error(self._body) if self._body else b""
        headers = MutableHeaders(scope=self._start)
        headers["content-type"] = "application/json"
        if body:
            headers["content-length"] = str(len(body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})
