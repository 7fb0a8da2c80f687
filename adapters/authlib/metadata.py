"""What a provider says of itself: its addresses and its keys, read when they are needed first, and again when a key is
not known (https://openid.net/specs/openid-connect-discovery-1_0.html)."""
from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

import httpx
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from application.ports.identity_provider import ProviderUnavailable

# Signatures that need the provider's own secret: neither none, nor what whoever knows ours could make.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
_LEEWAY_S = 120


class Metadata:
    """Thread-safe: yes."""

    def __init__(self, client: httpx.Client, issuer: str) -> None:
        self._client, self.issuer, self._lock = client, issuer, Lock()
        self._said: Mapping[str, Any] = {}
        self._keys: KeySet | None = None

    def said(self) -> Mapping[str, Any]:
        """Raises: ProviderUnavailable."""
        with self._lock:
            if not self._said:
                said = get_json(self._client, f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                if said.get("issuer") != self.issuer:
                    raise ProviderUnavailable(f"the provider at {self.issuer} calls itself {said.get('issuer')}: "
                                              "PROGON_OIDC_ISSUER has to be what it says, to the letter")
                self._said = said
            return self._said

    def endpoint(self, name: str) -> str:
        """Raises: ProviderUnavailable."""
        found = self.said().get(name)
        if not isinstance(found, str):
            raise ProviderUnavailable(f"the provider at {self.issuer} says no {name}")
        return found

    def claims(self, tokens: Mapping[str, Any], client_id: str, nonce: str) -> Mapping[str, Any]:
        """Of the ID token, once all of it that has to be is looked at. Raises: JoseError, ValueError,
        ProviderUnavailable."""
        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise ValueError("there is no ID token")
        decoded = self._decoded(token)
        claims = CodeIDToken(
            decoded.claims, decoded.header,
            {"iss": {"essential": True, "value": self.issuer}, "aud": {"essential": True, "value": client_id}},
            {"nonce": nonce, "client_id": client_id, "access_token": tokens.get("access_token")})
        claims.validate(leeway=_LEEWAY_S)
        return dict(claims)

    def _decoded(self, token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(_ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(token, self._key_set(), registry=registry)
        except InvalidKeyIdError:  # the provider has new ones
            return jwt.decode(token, self._key_set(anew=True), registry=registry)

    def _key_set(self, anew: bool = False) -> KeySet:
        address = self.endpoint("jwks_uri")
        with self._lock:
            if self._keys is None or anew:
                self._keys = KeySet.import_key_set(get_json(self._client, address))  # type: ignore[arg-type]
            return self._keys


def get_json(client: httpx.Client, address: str, **more: Any) -> Mapping[str, Any]:
    """An object. Raises: ProviderUnavailable."""
    try:
        body = client.get(address, **more).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as failure:
        raise ProviderUnavailable(f"{address} of the provider does not answer: {failure}") from failure
    if not isinstance(body, dict):
        raise ProviderUnavailable(f"{address} of the provider answers with no object")
    return body
