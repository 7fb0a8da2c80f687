"""A provider at which whoever comes is `person`."""
from __future__ import annotations

from collections.abc import Mapping

from application.ports.identity_provider import IdentityProvider, Leaving, Person, ProviderUnavailable, SignInRefused


class StaticIdentityProvider(IdentityProvider):
    """It gives each browser that it was sent the code of its state."""

    def __init__(self, person: Person, is_away: bool = False) -> None:
        self.person, self.is_away, self._sent = person, is_away, 0

    def leave(self, back: str) -> Leaving:
        self._require_there()
        self._sent += 1
        return Leaving(f"https://id.example/?state={self._sent}", {"state": str(self._sent), "back": back})

    def arrived(self, kept: Mapping[str, str], came: Mapping[str, str]) -> Person:
        self._require_there()
        if came.get("state") != kept["state"]:
            raise SignInRefused("this sign-in was not begun in this browser; begin again")
        if came.get("code") != f"code of {kept['state']}":
            raise SignInRefused(f"the provider refused: {came.get('error', 'it gave no code')}")
        return self.person

    def _require_there(self) -> None:
        if self.is_away:
            raise ProviderUnavailable("the provider does not answer")
