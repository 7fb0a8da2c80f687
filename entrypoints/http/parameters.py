"""What may stand in the query of a request: what the document of its route names, each once."""
from __future__ import annotations

from collections import Counter

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute

from domain.errors import Fault, InvalidInput


async def known_parameters(request: Request) -> None:
    """A dependency of every route. Raises: InvalidInput naming each parameter that is unknown or there twice."""
    if not request.scope["query_string"]:
        return
    known = _known(request)
    counted = Counter(name for name, _ in request.query_params.multi_items())
    faults = [Fault(name, fault) for name, times in counted.items() if (fault := _fault(name, times, known))]
    if faults:
        raise InvalidInput(f"{faults[0].where} in the query {faults[0].problem}", faults)


def _fault(name: str, times: int, known: tuple[str, ...]) -> str:
    if name not in known:
        return f"is unknown; known are {', '.join(known)}" if known else "is unknown; there are no parameters here"
    return "is there more than once, and only one can be meant" if times > 1 else ""


def _known(request: Request) -> tuple[str, ...]:
    """Worked out once for each route of the application."""
    kept: dict[object, tuple[str, ...]] = request.app.state.known_parameters
    endpoint = request.scope["endpoint"]
    if endpoint not in kept:
        kept[endpoint] = _names(request.scope["route"])
    return kept[endpoint]


def _names(route: APIRoute) -> tuple[str, ...]:
    declared = [field.alias for field in get_flat_params(route.dependant) if isinstance(field.field_info, Query)]
    written = [entry["name"] for entry in (route.openapi_extra or {}).get("parameters", ()) if entry["in"] == "query"]
    return tuple(sorted({*declared, *written}))
