"""What both clients do around a request: the same decisions, without a wait in them."""
from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from progon_client.answers.experiments import Experiment
from progon_client.call import Call, Repeat
from progon_client.errors import NotSucceeded, UnexpectedAnswer, Unreachable, refused
from progon_client.retries import Outcome, Retries
from progon_client.streams import EVENTS

T = TypeVar("T")
VERSION = "0.1.0"
CONNECT_S = 10.0
# The service says something every few seconds while a training runs, if only that it is there.
SILENCE_S = 60.0
_LOOKS_S = (0.1, 0.2, 0.4, 0.8)


def options(url: str, key: str | None, timeout_s: float) -> dict[str, Any]:
    """Of a client of httpx."""
    headers = {"User-Agent": f"progon-client/{VERSION}"} | ({"Authorization": f"Bearer {key}"} if key else {})
    return {"base_url": url.rstrip("/") + "/", "headers": headers, "timeout": _timeout(timeout_s)}


def identified(call: Call[Any]) -> dict[str, str]:
    """The headers of all attempts: one id, so that the service knows what came twice for one request, and one key for
    what it is to do once."""
    key = {"Idempotency-Key": str(uuid4())} if call.repeat is Repeat.BY_KEY else {}
    return {"X-Request-ID": str(uuid4())} | key | dict(call.headers)


def identified_as_told(call: Call[Any]) -> dict[str, str]:
    """The same, with the answer asked for as events."""
    return identified(call) | {"Accept": EVENTS}


def sent(call: Call[Any], contents: dict[str, Any], headers: dict[str, str], timeout_s: float) -> dict[str, Any]:
    """What a client of httpx is to request."""
    return contents | {"method": call.method, "url": call.path, "headers": headers,
                       "timeout": _timeout(timeout_s + call.wait_s)}


def stream_of(experiment_id: int) -> dict[str, Any]:
    return {"method": "GET", "url": f"experiments/{experiment_id}/events", "timeout": _timeout(SILENCE_S),
            "headers": {"Accept": EVENTS, "X-Request-ID": str(uuid4())}}


def concluded(call: Call[T], outcome: Outcome) -> T:
    """Raises: ProgonError."""
    if isinstance(outcome, httpx.Response) and call.is_answered_by(outcome):
        return call.read(outcome)
    raise failure_of(outcome) from (outcome if isinstance(outcome, Exception) else None)


def failure_of(outcome: Outcome) -> Exception:
    if isinstance(outcome, httpx.TransportError):
        return Unreachable(f"{type(outcome).__name__}: {outcome}")
    if outcome.status_code < 400:
        return UnexpectedAnswer(f"{outcome.request.url} answered {outcome.status_code}: is this the service's address?")
    return refused(outcome)


class Patience:
    """How often a stream that broke is connected anew; whatever is heard makes it whole again."""

    def __init__(self, retries: Retries) -> None:
        self._retries, self._attempt = retries, 0

    def heard(self) -> None:
        self._attempt = 0

    def pause_s(self, outcome: Outcome) -> float:
        """Raises: ProgonError once it is over."""
        self._attempt += 1
        pause_s = self._retries.backoff_s(self._attempt, outcome, Repeat.ALWAYS)
        if pause_s is None:
            raise failure_of(outcome)
        return pause_s


def looks_s() -> Iterator[float]:
    """Pauses between looks at an experiment."""
    for number in count():
        yield _LOOKS_S[min(number, len(_LOOKS_S) - 1)]


def ended(experiment: Experiment) -> bool:
    """Raises: NotSucceeded for one that will not succeed any more."""
    if experiment.status in ("failed", "cancelled"):
        raise NotSucceeded(experiment)
    return experiment.status == "succeeded"


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(seconds, CONNECT_S))
