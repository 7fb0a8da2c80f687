"""Failures as answers, in one form: problem+json (RFC 9457)."""
from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match

from domain import errors
from domain.errors import Fault, ProgonError
from entrypoints.answers.problems import ProblemAnswer, status_of
from entrypoints.http.protocol_errors import in_protocol
from entrypoints.http.request_id import HEADER

MEDIA_TYPE = "application/problem+json"
# Nobody hears it; what counts requests by their status does. The number is nginx's.
CLIENT_CLOSED_REQUEST = 499
METHOD_NOT_ALLOWED = 405
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_log = logging.getLogger("progon.http")


def problem(status: int, title: str, detail: str, faults: Sequence[Fault] = (),
            headers: Mapping[str, str] | None = None) -> Response:
    body = ProblemAnswer.of(status, title, detail, faults)
    return Response(msgspec.json.encode(body), status, headers, MEDIA_TYPE)


def answer(failure: ProgonError) -> Response:
    status, title = status_of(type(failure))
    headers = {"Retry-After": str(failure.retry_after_s)} if isinstance(failure, errors.Busy) else {}
    if isinstance(failure, errors.Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    return problem(status, title, failure.detail, getattr(failure, "faults", ()), headers)


async def answer_of(request: Request, failure: Exception) -> Response:
    """What the application answers with where a handler raises this."""
    handlers = request.app.exception_handlers
    handle = next(handlers[kind] for kind in type(failure).__mro__ if kind in handlers)
    told: Response = await handle(request, failure)
    return told


def _allowed(app: FastAPI, request: Request) -> Iterator[str]:
    """The methods by which the path may be asked: of the routes with this very path, where there are such, and those
    that have it among others do not count."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    every = [context.original_route for context in iter_route_contexts(app.routes)]
    routes = [route for route in every if getattr(route, "path", "") == path] or every
    for method in _METHODS:
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in routes):
            yield method


def install(app: FastAPI) -> None:
    @app.exception_handler(ProgonError)
    async def _known(_: Request, failure: ProgonError) -> Response:
        return answer(failure)

    @app.exception_handler(RequestValidationError)
    async def _wrong_parameter(_: Request, failure: RequestValidationError) -> Response:
        faults = [Fault(".".join(map(str, error["loc"])), error["msg"].lower()) for error in failure.errors()]
        return problem(400, "bad request", f"{faults[0].where}: {faults[0].problem}", faults)

    @app.exception_handler(ClientDisconnect)
    async def _client_gone(_: Request, failure: ClientDisconnect) -> Response:
        return Response(status_code=CLIENT_CLOSED_REQUEST)

    @app.exception_handler(HTTPException)
    async def _of_the_framework(request: Request, failure: HTTPException) -> Response:
        headers = dict(failure.headers or {})
        if failure.status_code == METHOD_NOT_ALLOWED:
            # The framework names the methods of the first route of this path alone, and each route has one.
            headers["Allow"] = ", ".join(_allowed(app, request))
        return problem(failure.status_code, failure.detail.lower(), failure.detail, headers=headers)

    @app.exception_handler(Exception)
    async def _unknown(request: Request, failure: Exception) -> Response:
        # Starlette calls this one outside of all middleware, so the id that RequestId gave is put on here.
        request_id = request.scope.get("state", {}).get("request_id", "")
        _log.error("%s %s failed, request %s", request.method, request.url.path, request_id, exc_info=failure)
        told = problem(500, "internal error", "the fault is on our side; the log has it under this request's id",
                       headers={HEADER: request_id})
        return in_protocol(request.scope, told)
