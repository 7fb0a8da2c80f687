from __future__ import annotations

from application.ports.clock import Clock
from application.ports.keyring import Keyring
from domain.api_key import ApiKey


class RevokeKey:
    """From now on a key opens nothing: in this process at once, in all others within two seconds. It stays on the list
    with the moment, which revoking it again does not change."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring, self._clock = keyring, clock

    def execute(self, key_id: int) -> ApiKey:
        """Raises: UnknownKey."""
        return self._keyring.revoke(key_id, self._clock.now())
