from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.identity_provider import IdentityProvider
from application.ports.seal import Seal

PURPOSE = "leaving"
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class BegunSignIn:
    """address: where the browser goes. kept: what it has to bring back."""

    address: str
    kept: str


class BeginSignIn:
    """Sends a browser to the provider that people sign in at. What it has to bring back holds for ten minutes."""

    def __init__(self, provider: IdentityProvider, seal: Seal, clock: Clock) -> None:
        self._provider, self._seal, self._clock = provider, seal, clock

    def execute(self, back: str) -> BegunSignIn:
        """back: the address to which the provider gives the browser back. Raises: ProviderUnavailable."""
        leaving = self._provider.leave(back)
        until = self._clock.now() + PATIENCE
        return BegunSignIn(leaving.address, self._seal.closed(
            PURPOSE, {"kept": dict(leaving.kept), "until": until.isoformat()}))
