"""A provider of OpenID Connect in the process of the test: discovery, keys, authorization, tokens, userinfo."""
from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.waiting import until

CLIENT, SECRET = "progon", "a secret with: signs/and 128 bits, 0123456789abcdef"


@cache
def _key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


@dataclass
class Provider:
    """claims: of the ID token, over the usual ones; None takes one out. info: of userinfo. refusal: what /authorize
    says instead of a code. methods: how it wants the secret, if it says so."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=lambda: {"sub": "1"})
    refusal: str = ""
    methods: list[str] | None = None
    key: RSAKey = field(default_factory=lambda: _key("1"))
    published: list[RSAKey] = field(default_factory=list)
    is_away: bool = False
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    posted: list[tuple[dict[str, str], str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.published = self.published or [self.key]

    def renew_key(self) -> None:
        """As providers do from time to time."""
        self.key = _key(str(len(self.published) + 1))
        self.published.append(self.key)

    def visited(self, address: str) -> dict[str, str]:
        """What a browser that is sent there brings back, once the person has said who they are."""
        answer = httpx.get(address)
        assert answer.status_code == 302, answer.text
        return {name: value for name, (value,) in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def app(self) -> Starlette:
        return Starlette(routes=[
            Route("/.well-known/openid-configuration", self._discovery), Route("/keys", self._keys),
            Route("/authorize", self._authorize), Route("/token", self._token, methods=["POST"]),
            Route("/userinfo", self._userinfo)])

    async def _discovery(self, _: Request) -> Response:
        if self.is_away:
            return Response("later", 503)
        told = {name: f"{self.url}/{path}" for name, path in (
            ("authorization_endpoint", "authorize"), ("token_endpoint", "token"), ("jwks_uri", "keys"),
            ("userinfo_endpoint", "userinfo"))}
        more = {} if self.methods is None else {"token_endpoint_auth_methods_supported": self.methods}
        return JSONResponse({"issuer": self.url, **told, **more})

    async def _keys(self, _: Request) -> Response:
        return JSONResponse(KeySet(self.published).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT and "openid" in asked["scope"].split()
        code = f"code{len(self.asked)}"
        self.asked[code] = asked
        came = {"error": "access_denied", "error_description": self.refusal} if self.refusal else {"code": code}
        return RedirectResponse(f"{asked['redirect_uri']}?" + urlencode(
            {**came, "state": asked["state"], "iss": self.url, "session_state": "x"}), 302)

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        self.posted.append((form, request.headers.get("authorization", "")))
        asked = self.asked.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        if asked is None or challenge.rstrip("=") != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant", "error_description": "no such code"}, 400)
        assert form["redirect_uri"] == asked["redirect_uri"]
        return JSONResponse({"access_token": "opens userinfo", "token_type": "Bearer",
                             "id_token": self._id_token(asked["nonce"])})

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        usual = {"iss": self.url, "sub": "1", "aud": CLIENT, "exp": now + 60, "iat": now, "nonce": nonce,
                 "email": "anna@example.org", "groups": ["ml"]}
        claims = {name: value for name, value in (usual | self.claims).items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    async def _userinfo(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer opens userinfo"
        return JSONResponse(self.info)


@contextmanager
def provider() -> Iterator[Provider]:
    made = Provider()
    server = uvicorn.Server(uvicorn.Config(made.app(), port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, name="provider")
    thread.start()
    try:
        until(lambda: server.started or not thread.is_alive())
        made.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield made
    finally:
        server.should_exit = True
        thread.join()
