"""The document behind `/openapi.json`: the framework's, with what the routes declare beside it."""
from __future__ import annotations

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from entrypoints.answers.schemas import Schema, components, components_asked
from entrypoints.answers.tasks import TaskDocument
from entrypoints.http import once, openapi
from entrypoints.http.once import is_once
from entrypoints.http.rights import Needs, needs_of
from entrypoints.http.upload_events import EVENTS, is_told

_KEY = "IdempotencyKey"
IDEMPOTENCY_KEY: Schema = {
    "name": once.HEADER, "in": "header", "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": once.MAX_CHARS, "pattern": "^[!-~]+$"},
    "description": "Chosen by the caller, such as a UUID. The same request with one key is done once: whoever asks "
                   "again within 24 hours is answered as before, with `Idempotent-Replayed: true`. 409 for a key that "
                   "came with another request, and, with `Retry-After`, while the first is worked on. What was refused "
                   "is tried anew."}
_EVENTS_SAID = """With `Accept: text/event-stream` the answer comes as server-sent events, from when the file is there:
`progress` a few times a second (`rows` read and checked, `read_bytes` of `size_bytes`), and at the end `done` with the
answer, or with the problem document that would have been the answer; a number as `status` tells it apart. What is
refused before that is refused by its status."""
_EVENTS_LIKE = ('event: progress\ndata: {"rows":16384,"read_bytes":1048576,"size_bytes":2311054}\n\n'
                'event: done\ndata: {"task":"flights"}\n\n')
_SCHEMES = {"bearer": {"type": "http", "scheme": "bearer"}, "header": {
    "type": "apiKey", "in": "header", "name": "X-API-Key"}}


def install(app: FastAPI) -> None:
    """Puts the schemas of the answers and the rights of the routes in, and takes back what FastAPI promises by itself:
    a wrong parameter is answered with 400 here, never with 422; and what it says of an event stream is of OpenAPI 3.2,
    in a document of 3.1, which has no words for its events."""
    generate = app.openapi

    def whole() -> Schema:
        if app.openapi_schema is not None:  # which the framework keeps, and to which nothing is to be added twice
            return app.openapi_schema
        document = generate()
        found = components()
        document["components"]["schemas"] |= found | components_asked(
            TaskDocument, found, **openapi.OF_A_TASK)
        document["components"]["securitySchemes"] = _SCHEMES
        _tell_rights(app, document["paths"])
        document["components"]["parameters"] = {_KEY: IDEMPOTENCY_KEY}
        _tell_once(app, document["paths"])
        _tell_events(app, document["paths"])
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
                _require_path(operation)
                for answer in operation["responses"].values():
                    if EVENTS in answer.get("content", {}):
                        kept = answer["content"][EVENTS].get("example")
                        answer["content"][EVENTS] = {"example": kept} if kept else {}
        return document

    app.openapi = whole  # type: ignore[method-assign]  # the way that FastAPI has for it


def _tell_rights(app: FastAPI, paths: Schema) -> None:
    """No key at all stands among what is accepted, since a service may ask for none."""
    for route in (context.original_route for context in iter_route_contexts(app.routes)):
        if isinstance(route, APIRoute) and (needed := needs_of(route.endpoint)) and needed.rights:
            for method in route.methods or ():
                _tell_needed(paths[route.path_format][method.lower()], needed, route.path_format)


def _require_path(operation: Schema) -> None:
    """A handler of two routes need not be given what one of them has in its path; in a path it always is."""
    for parameter in operation.get("parameters", ()):
        if parameter.get("in") == "path" and (kinds := parameter["schema"].pop("anyOf", None)):
            parameter["schema"] |= next(kind for kind in kinds if kind != {"type": "null"})


def _tell_once(app: FastAPI, paths: Schema) -> None:
    """The header is described in one place, and told of at each route that has it."""
    for route in (context.original_route for context in iter_route_contexts(app.routes)):
        if isinstance(route, APIRoute) and is_once(route.endpoint):
            for method in route.methods or ():
                operation = paths[route.path_format][method.lower()]
                operation.setdefault("parameters", []).append({"$ref": f"#/components/parameters/{_KEY}"})
                conflict = {str(status): told for status, told in openapi.problems(409).items()}
                operation["responses"] = dict(sorted((conflict | operation["responses"]).items()))


def _tell_events(app: FastAPI, paths: Schema) -> None:
    for route in (context.original_route for context in iter_route_contexts(app.routes)):
        if isinstance(route, APIRoute) and is_told(route.endpoint):
            for method in route.methods or ():
                operation = paths[route.path_format][method.lower()]
                operation["description"] = f"{operation.get('description', '')}\n\n{_EVENTS_SAID}".lstrip()
                operation["responses"]["200"]["content"][EVENTS] = {"example": _EVENTS_LIKE}


def _tell_needed(operation: Schema, needed: Needs, path: str) -> None:
    operation["security"] = [{}, *({scheme: [right]} for scheme in _SCHEMES for right in needed.rights)]
    refused = (openapi.protocol_problems if path.startswith("/v2") else openapi.problems)(401, 403, 429)
    told = {str(status): answer for status, answer in refused.items()} | operation["responses"]
    operation["responses"] = dict(sorted(told.items()))
