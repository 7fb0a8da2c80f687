"""When a call is sent again, and after how long."""
from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import httpx

from progon_client.call import Call, Repeat
from progon_client.errors import retry_after_s

# Nothing of the request can have been read by the service.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# It did not begin, or somebody between here and there could not reach it.
_NOT_NOW = frozenset({429, 503})
# With Retry-After: what came with the key before. Without, what was asked for cannot be done.
_STILL_WORKED_ON = 409
_BROKEN_ON_THE_WAY = frozenset({502, 504})

Outcome = httpx.Response | httpx.TransportError


@dataclass(frozen=True)
class Retries:
    """Pauses double from first_s to longest_s, with a random part, so that many callers do not come back together;
    `Retry-After` counts where it is longer, unless it asks for more than patience_s. attempts: 1 never tries again."""

    attempts: int = 4
    first_s: float = 0.25
    longest_s: float = 8.0
    patience_s: float = 60.0

    def pause_s(self, attempt: int, outcome: Outcome, call: Call[Any]) -> float | None:
        """attempt: from 1, the one that had this outcome. Returns: None if it was the last."""
        if isinstance(outcome, httpx.Response) and call.is_answered_by(outcome):
            return None
        return self.backoff_s(attempt, outcome, call.repeat)

    def backoff_s(self, attempt: int, outcome: Outcome, repeat: Repeat) -> float | None:
        """The same of anything that may be repeated so."""
        if attempt >= self.attempts or not may_repeat(outcome, repeat):
            return None
        said = retry_after_s(outcome) if isinstance(outcome, httpx.Response) else None
        if said is not None and said > self.patience_s:
            return None
        return max(said or 0.0, self._own_s(attempt))

    def _own_s(self, attempt: int) -> float:
        return float(min(self.longest_s, self.first_s * 2 ** (attempt - 1))) * random.uniform(0.5, 1.0)


def may_repeat(outcome: Outcome, repeat: Repeat) -> bool:
    """A call that would do a thing twice is sent again only where it surely was not begun."""
    is_safe = repeat is not Repeat.UNLESS_BEGUN
    if isinstance(outcome, httpx.TransportError):
        return isinstance(outcome, _NOT_SENT) or is_safe and _is_of_the_network(outcome)
    if outcome.status_code in _NOT_NOW:
        return is_safe or "Retry-After" in outcome.headers
    if outcome.status_code == _STILL_WORKED_ON:
        return repeat is Repeat.BY_KEY and "Retry-After" in outcome.headers
    return is_safe and outcome.status_code in _BROKEN_ON_THE_WAY


def _is_of_the_network(failure: httpx.TransportError) -> bool:
    """Not of what was asked for, such as an address of no protocol that is known."""
    return not isinstance(failure, (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.ProxyError))
