"""Sessions of people, as texts that they show like keys. Nothing of them is stored: they end by themselves."""
from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import cast

from application.ports.seal import BrokenSeal, Seal
from domain.api_key import Right
from domain.session import Session

_PURPOSE = "session"


class Sessions:
    """Thread-safe: yes."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def token(self, session: Session) -> str:
        return self._seal.closed(_PURPOSE, {
            "name": session.name, "rights": sorted(session.rights), "until": session.until.isoformat()})

    def find(self, token: str) -> Session | None:
        """None if it is no token of ours; it may have expired."""
        try:
            said = self._seal.opened(_PURPOSE, token)
        except BrokenSeal:
            return None
        rights = cast(Collection[str], said["rights"])
        return Session(str(said["name"]), frozenset(map(Right, rights)), datetime.fromisoformat(str(said["until"])))
