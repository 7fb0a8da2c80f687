"""Keys that callers show."""
from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.ports.storage import StorageUnavailable
from application.use_cases.create_key import CreatedKey, CreateKey, KeyWish
from application.use_cases.revoke_key import RevokeKey
from domain.api_key import ApiKey, Right
from domain.cells import describe
from domain.errors import Fault, InvalidInput
from entrypoints.answers.keys import CallerAnswer, CreatedKeyAnswer, KeyAnswer, KeysAnswer
from entrypoints.formats.json_rows import decode
from entrypoints.http import openapi
from entrypoints.http.bodies import read_json
from entrypoints.http.callers import caller_of
from entrypoints.http.dependencies import caller_name, wired
from entrypoints.http.large import decoded
from entrypoints.http.responses import json_response
from entrypoints.http.rights import needs
from entrypoints.wiring import get, ports
from entrypoints.wiring.container import Container

router = APIRouter(tags=["keys"])
_WORDS = {"name": "a string", "rights": "a list of strings", "tasks": "a list of strings", "days": "a number"}
_NEEDED = ("name", "rights")


@router.get("/keys", summary="All keys", responses=openapi.ok(KeysAnswer) | openapi.problems(400, 403, 503))
@needs(Right.ADMIN)
def keys(request: Request) -> Response:
    """Every key that was made, those that expired or were revoked too, without what it is shown by. Keys of the setting
    PROGON_API_KEYS are not among them."""
    return json_response(KeysAnswer.of(ports.keyring(wired(request)).all()))


@router.get("/caller", summary="Who asks", responses=openapi.ok(CallerAnswer) | openapi.problems(400))
@needs(*Right, of_a_task=False)
def caller(request: Request) -> Response:
    """Whose key came with the request, and what it may. Where no key is asked for everybody may everything."""
    found = caller_of(request.scope)
    return json_response(CallerAnswer.of(None, Right, ()) if found is None else CallerAnswer.of(
        found.name, found.rights, found.tasks))


@router.post("/keys", summary="Make a key", status_code=201, description=CreateKey.__doc__, **openapi.create_key())
@needs(Right.ADMIN)
async def create(request: Request) -> Response:
    body = await read_json(request, ports.settings(wired(request)).max_json_bytes)
    created = await run_in_threadpool(_created, request, await decoded(request, body, _read))
    return json_response(CreatedKeyAnswer.of(created), 201, {"Cache-Control": "no-store"})


@router.delete("/keys/{key_id}", summary="Revoke a key", description=RevokeKey.__doc__,
               responses=openapi.ok(KeyAnswer) | openapi.problems(400, 403, 404, 503))
@needs(Right.ADMIN)
def revoke(request: Request, key_id: Annotated[int, Path(description="The id of the key, not the key")]) -> Response:
    container = wired(request)
    key: ApiKey = get.revoke_key(container).execute(key_id)
    _known_here(container)
    return json_response(KeyAnswer.of(key))


def _known_here(container: Container) -> None:
    """At once, not within two seconds; a database that is away just now must not take the answer away, which is the
    only one that has the key."""
    with suppress(StorageUnavailable):
        get.known_keys(container).refresh()


def _created(request: Request, wish: KeyWish) -> CreatedKey:
    container = wired(request)
    created = get.create_key(container).execute(wish, caller_name(request))
    _known_here(container)
    return created


def _read(body: bytes) -> KeyWish:
    """Raises: InvalidInput naming every field that cannot be used."""
    asked = decode(body)
    if not isinstance(asked, dict):
        raise InvalidInput(f"expected a JSON object, got {describe(asked)}")
    faults = [Fault(name, "is missing") for name in _NEEDED if asked.get(name) is None]
    faults += [fault for name, value in asked.items() if value is not None and (fault := _fault(name, value))]
    if faults:
        raise InvalidInput(f"the request cannot be used: {faults[0].where} {faults[0].problem}", faults)
    return KeyWish(**{name: value for name, value in asked.items() if value is not None})


def _fault(name: str, value: object) -> Fault | None:
    if name not in _WORDS:
        return Fault(name, f"is unknown; known are {', '.join(_WORDS)}")
    if name == "name":
        fits = isinstance(value, str)
    elif name == "days":
        fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    else:
        fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return None if fits else Fault(name, f"expected {_WORDS[name]}, got {describe(value)}")
