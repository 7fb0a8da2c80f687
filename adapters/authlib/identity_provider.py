"""A provider of OpenID Connect (https://openid.net/specs/openid-connect-core-1_0.html), by the code flow with PKCE."""
from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.errors import JoseError

from adapters.authlib.metadata import Metadata
from adapters.authlib.talking import Talking
from application.ports.identity_provider import IdentityProvider, Leaving, Person, SignInRefused

_SECRET_CHARS = 48


class AuthlibIdentityProvider(IdentityProvider):
    def __init__(self, metadata: Metadata, talking: Talking, client_id: str, scopes: str, name_claim: str,
                 groups_claim: str) -> None:
        """scopes: separated by spaces. name_claim, groups_claim: of the ID token, or else of what the provider's
        userinfo has; a dot leads into an object."""
        self._metadata, self._talking, self._client_id, self._scopes = metadata, talking, client_id, scopes
        self._name_claim, self._groups_claim = name_claim, groups_claim

    def leave(self, back: str) -> Leaving:
        state, nonce, verifier = (generate_token(_SECRET_CHARS) for _ in range(3))
        challenge = create_s256_code_challenge(verifier)  # type: ignore[no-untyped-call]  # its stubs say nothing
        address = prepare_grant_uri(
            self._metadata.endpoint("authorization_endpoint"), self._client_id, "code", redirect_uri=back,
            scope=self._scopes, state=state, nonce=nonce, code_challenge=challenge, code_challenge_method="S256")
        return Leaving(address, {"state": state, "nonce": nonce, "verifier": verifier, "back": back})

    def arrived(self, kept: Mapping[str, str], came: Mapping[str, str]) -> Person:
        code = self._checked(kept, came)
        tokens = self._talking.exchanged(code, kept["back"], kept["verifier"])
        try:
            claims = self._metadata.claims(tokens, self._client_id, kept["nonce"])
        except (JoseError, ValueError) as failure:
            raise SignInRefused(f"what the provider says of the person cannot be trusted: {failure}") from failure
        return self._person(claims, tokens)

    def _checked(self, kept: Mapping[str, str], came: Mapping[str, str]) -> str:
        """The code that the provider gave. Raises: SignInRefused."""
        if not hmac.compare_digest(came.get("state", "").encode(), kept["state"].encode()):
            raise SignInRefused("this sign-in was not begun in this browser; begin again")
        # RFC 9207: an answer of another provider that the browser was lured to.
        if came.get("iss", self._metadata.issuer) != self._metadata.issuer:
            raise SignInRefused("another provider answered than was asked")
        if "code" not in came:
            said = came.get("error_description") or came.get("error") or "it gave no code"
            raise SignInRefused(f"the provider refused: {said[:200]}")
        return came["code"]

    def _person(self, claims: Mapping[str, Any], tokens: Mapping[str, Any]) -> Person:
        """Raises: SignInRefused, ProviderUnavailable."""
        if _found(claims, self._name_claim) is None or _found(claims, self._groups_claim) is None:
            more = self._talking.userinfo(tokens)
            if more.get("sub") == claims["sub"]:  # as the specification wants it looked at
                claims = {**more, **claims}
        name, groups = _found(claims, self._name_claim), _found(claims, self._groups_claim)
        if not isinstance(name, str) or not name.isprintable() or not name:
            raise SignInRefused(f"the provider does not say who this is: there is no {self._name_claim}")
        found = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
        return Person(name, frozenset(group for group in found if isinstance(group, str)))


def _found(claims: Mapping[str, Any], name: str) -> Any:
    """None if there is no such claim."""
    if name in claims:
        return claims[name]
    head, _, rest = name.partition(".")
    inner = claims.get(head)
    return _found(inner, rest) if rest and isinstance(inner, Mapping) else None
