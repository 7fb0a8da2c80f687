"""Seals as JSON Web Tokens (RFC 7519) of one key that all processes have."""
from __future__ import annotations

from collections.abc import Mapping

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from application.ports.seal import BrokenSeal, Seal

_ALGORITHM = "HS256"


class AuthlibSeal(Seal):
    """Authlib has its tokens of joserfc."""

    def __init__(self, key: bytes) -> None:
        """key: 32 bytes that nobody can guess."""
        self._key = OctKey.import_key(key)

    def closed(self, purpose: str, said: Mapping[str, object]) -> str:
        return jwt.encode({"alg": _ALGORITHM}, {"for": purpose, "said": dict(said)}, self._key)

    def opened(self, purpose: str, text: str) -> Mapping[str, object]:
        try:
            claims = jwt.decode(text, self._key, [_ALGORITHM]).claims
        except (JoseError, ValueError, RecursionError) as failure:
            raise BrokenSeal("the seal is broken") from failure
        if claims.get("for") != purpose:
            raise BrokenSeal("it was sealed for something else")
        said: Mapping[str, object] = claims["said"]
        return said
