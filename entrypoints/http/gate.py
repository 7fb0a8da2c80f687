"""Whether a key opens anything, and whose it is."""
from __future__ import annotations

import logging
from datetime import datetime
from typing import Protocol

from application.serving.known_keys import KnownKeys
from application.serving.sessions import Sessions
from domain.api_key import digest_of
from domain.errors import Busy, Unauthorized
from entrypoints.http.callers import ApiKeys, Caller
from entrypoints.http.wrong_keys import WrongKeys

_log = logging.getLogger("progon.access")


class WrongKey(Unauthorized):
    """A key that is none."""

    code = "wrong_key"


class Now(Protocol):
    def __call__(self) -> datetime: ...


class Gate:
    """Keys of the setting and keys that were made. Neither they nor what it counts are looked up anywhere but in
    memory."""

    def __init__(self, fixed: ApiKeys, made: KnownKeys, now: Now, wrong: WrongKeys,
                 sessions: Sessions | None = None) -> None:
        """sessions: of people, where they can sign in."""
        self._fixed, self._made, self._now, self._wrong, self._sessions = fixed, made, now, wrong, sessions

    @property
    def is_ready(self) -> bool:
        """Whether the keys that were made have been read."""
        return self._made.is_read

    @property
    def is_open(self) -> bool:
        """Whether it is known that no key is asked for."""
        return (not self._fixed.callers and self._sessions is None
                and self._made.is_read and not self._made.any_made)

    def read(self) -> None:
        """Raises: StorageUnavailable."""
        self._made.refresh()

    def ask(self, key: str, address: str) -> Caller | None:
        """None where no key is asked for. A wrong one is counted.

        Raises: Unauthorized, TooManyRequests, Busy while it is not known which keys there are.
        """
        try:
            return self.look(key, address)
        except WrongKey:
            if self._wrong.add(address):
                _log.warning("too many wrong keys from %s", address)
            raise

    def look(self, key: str, address: str) -> Caller | None:
        """The same, counting nothing."""
        if self.is_open:
            return None
        if not key:
            self._require_read(bool(self._fixed.callers) or self._sessions is not None)
            raise Unauthorized("a key is needed: Authorization: Bearer KEY, or X-API-Key: KEY")
        caller = self._caller(digest_of(key)) or self._person(key)
        # A key that nobody can guess opens from everywhere, so that its owner is not shut out by a neighbour behind
        # the same proxy; one that can be guessed does not, or the guesses would go on.
        if caller is None or caller.is_weak:
            self._wrong.check(address)
        if caller is None:
            self._require_read(False)
            raise WrongKey("the key is unknown, or was revoked")
        return caller

    def count(self, address: str) -> None:
        """A wrong sign-in is as a wrong key. Raises: TooManyRequests."""
        self._wrong.check(address)
        if self._wrong.add(address):
            _log.warning("too many wrong keys from %s", address)

    def _person(self, token: str) -> Caller | None:
        """Raises: Unauthorized."""
        session = self._sessions.find(token) if self._sessions is not None and token.count(".") == 2 else None
        if session is not None and session.has_expired(self._now()):
            raise Unauthorized(f"the session of {session.name} has ended: sign in again")
        return None if session is None else Caller.of_session(session)

    def _require_read(self, otherwise: bool) -> None:
        if not (self._made.is_read or otherwise):
            raise Busy("which keys there are is not known yet: the database does not answer")

    def _caller(self, digest: str) -> Caller | None:
        """Raises: Unauthorized."""
        if (fixed := self._fixed.callers.get(digest)) is not None:
            return fixed
        made = self._made.find(digest)
        if made is not None and made.has_expired(self._now()):
            raise Unauthorized(f"the key {made.name} has expired")
        return None if made is None else Caller.of(made)
