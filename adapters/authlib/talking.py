"""What the service asks a provider itself, without the browser."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from adapters.authlib.metadata import Metadata, get_json
from application.ports.identity_provider import ProviderUnavailable, SignInRefused

_METHODS = "token_endpoint_auth_methods_supported"


class Talking:
    """Thread-safe: yes."""

    def __init__(self, client: httpx.Client, metadata: Metadata, client_id: str, client_secret: str) -> None:
        self._client, self._metadata = client, metadata
        self._client_id, self._client_secret = client_id, client_secret

    def exchanged(self, code: str, back: str, verifier: str) -> Mapping[str, Any]:
        """The tokens for a code. Raises: SignInRefused, ProviderUnavailable."""
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        address = self._metadata.endpoint("token_endpoint")
        try:
            answer = self._posted(address, asked)
            body = answer.json()
        except (httpx.HTTPError, ValueError) as failure:
            raise ProviderUnavailable(f"{address} of the provider does not answer: {failure}") from failure
        if answer.is_client_error:
            raise SignInRefused(f"the provider takes no such code: {_why(body)}")
        if not answer.is_success or not isinstance(body, dict):
            raise ProviderUnavailable(f"{address} of the provider answers {answer.status_code}")
        return body

    def _posted(self, address: str, asked: dict[str, str]) -> httpx.Response:
        """Basic is what a provider has that says nothing (RFC 8414)."""
        if "client_secret_basic" in self._metadata.said().get(_METHODS, ("client_secret_basic",)):
            # RFC 6749, 2.3.1: as in a form, before it becomes a user and a password.
            auth = httpx.BasicAuth(quote(self._client_id, safe=""), quote(self._client_secret, safe=""))
            return self._client.post(address, data=asked, auth=auth)
        return self._client.post(
            address, data=asked | {"client_id": self._client_id, "client_secret": self._client_secret})

    def userinfo(self, tokens: Mapping[str, Any]) -> Mapping[str, Any]:
        """Nothing where the provider offers none. Raises: ProviderUnavailable."""
        token = tokens.get("access_token")
        if "userinfo_endpoint" not in self._metadata.said() or not isinstance(token, str):
            return {}
        return get_json(self._client, self._metadata.endpoint("userinfo_endpoint"),
                        headers={"Authorization": f"Bearer {token}"})


def _why(body: object) -> str:
    said = body if isinstance(body, dict) else {}
    return str(said.get("error_description") or said.get("error") or "it does not say why")[:200]
