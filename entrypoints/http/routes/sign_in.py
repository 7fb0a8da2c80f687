"""People who sign in by a provider, as pages ask for it on behalf of a browser."""
from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from application.ports.identity_provider import SignInRefused
from application.use_cases.begin_sign_in import BeginSignIn
from application.use_cases.sign_in import SignIn
from domain.errors import InvalidInput
from entrypoints.answers.sign_in import BegunSignInAnswer, ProviderAnswer, SignedInAnswer
from entrypoints.http import openapi
from entrypoints.http.asking import address_of
from entrypoints.http.bodies import read_json
from entrypoints.http.dependencies import gate, wired
from entrypoints.http.responses import json_response
from entrypoints.http.rights import open_to_all
from entrypoints.wiring import get, ports

router = APIRouter(tags=["keys"])
# A provider's answer is a few parameters; nobody has to show a key here.
_MOST_BYTES = 64 << 10
_NOT_KEPT = {"Cache-Control": "no-store"}
_Asked = TypeVar("_Asked", bound=msgspec.Struct)


class _Back(msgspec.Struct, forbid_unknown_fields=True):
    """Where the provider gives the browser back."""

    back: str


class _Brought(msgspec.Struct, forbid_unknown_fields=True):
    """came: the parameters of the address to which the provider gave the browser back."""

    kept: str
    came: Mapping[str, str]


async def _read(request: Request, form: type[_Asked]) -> _Asked:
    """Raises: InvalidInput, TooLarge."""
    try:
        return msgspec.json.decode(await read_json(request, _MOST_BYTES), type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError) as failure:
        raise InvalidInput(f"the request cannot be used: {failure}") from failure


@router.get("/sign-in", summary="Where people can sign in",
            responses=openapi.ok(ProviderAnswer) | openapi.problems(400))
@open_to_all
def provider(request: Request) -> Response:
    """The provider of OpenID Connect whose people are let in, if there is one."""
    return json_response(ProviderAnswer(ports.settings(wired(request)).oidc_issuer or None))


@router.post("/sign-in", summary="Begin to sign in", description=BeginSignIn.__doc__,
             **openapi.sign_in(BegunSignInAnswer, back=openapi.STRING))
@open_to_all
async def begin(request: Request) -> Response:
    use_case = get.begin_sign_in(wired(request))
    asked = await _read(request, _Back)
    begun = await run_in_threadpool(use_case.execute, asked.back)
    return json_response(BegunSignInAnswer.of(begun), headers=_NOT_KEPT)


@router.post("/sign-in/finish", summary="Sign in", description=SignIn.__doc__,
             **openapi.sign_in(SignedInAnswer, kept=openapi.STRING, came=openapi.TEXTS))
@open_to_all
async def finish(request: Request) -> Response:
    use_case = get.sign_in(wired(request))
    asked = await _read(request, _Brought)
    try:
        done = await run_in_threadpool(use_case.execute, asked.kept, asked.came)
    except SignInRefused:
        gate(request).count(address_of(request.scope))
        raise
    return json_response(SignedInAnswer.of(done), headers=_NOT_KEPT)
