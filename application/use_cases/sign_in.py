from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from application.ports.clock import Clock
from application.ports.identity_provider import IdentityProvider, SignInRefused
from application.ports.seal import BrokenSeal, Seal
from application.serving.sessions import Sessions
from application.use_cases.begin_sign_in import PURPOSE
from domain.api_key import Right
from domain.errors import Forbidden
from domain.session import Session, rights_of


class NoGroup(Forbidden):
    """A person of no group that may do anything."""

    code = "no_group"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """token: shows the session, as a key does. lasts: from now on, for whoever has another clock."""

    session: Session
    token: str
    lasts: timedelta

    def __repr__(self) -> str:
        return f"SignedIn({self.session!r})"


class SignIn:
    """Lets in a person whom the provider knows: with the rights of their groups, for some hours. Whoever is in none of
    the groups that have rights is refused."""

    def __init__(self, provider: IdentityProvider, seal: Seal, sessions: Sessions, clock: Clock,
                 by_group: Mapping[str, frozenset[Right]], lasts: timedelta) -> None:
        self._provider, self._seal, self._sessions, self._clock = provider, seal, sessions, clock
        self._by_group, self._lasts = by_group, lasts

    def execute(self, kept: str, came: Mapping[str, str]) -> SignedIn:
        """kept: what the browser was told to bring back. came: what the provider gave it. Raises: SignInRefused,
        NoGroup, ProviderUnavailable."""
        person = self._provider.arrived(self._opened(kept), came)
        rights = rights_of(person.groups, self._by_group)
        if not rights:
            raise NoGroup(f"{person.name} is in none of the groups that may do anything here; ask whoever runs the "
                          "service")
        session = Session(person.name, rights, self._clock.now() + self._lasts)
        return SignedIn(session, self._sessions.token(session), self._lasts)

    def _opened(self, kept: str) -> Mapping[str, str]:
        try:
            said = self._seal.opened(PURPOSE, kept)
        except BrokenSeal as failure:
            raise SignInRefused("this sign-in was not begun here; begin again") from failure
        if datetime.fromisoformat(str(said["until"])) <= self._clock.now():
            raise SignInRefused("this sign-in took more than ten minutes; begin again")
        return cast(Mapping[str, str], said["kept"])
