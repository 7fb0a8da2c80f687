"""What clients were told, and when it was not to be had."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that was not answered as it should have been. Moments of time.monotonic."""

    route: str
    began: float
    ended: float
    what: str


@dataclass(frozen=True, slots=True)
class Outage:
    """From the moment a fault struck until all was well again. stops: routes that may fail meanwhile. loses_answers:
    what is answered meanwhile need not be in the prediction log."""

    name: str
    began: float
    ended: float
    stops: frozenset[str]
    loses_answers: bool

    def touches(self, began: float, ended: float) -> bool:
        return began <= self.ended and ended >= self.began


@dataclass
class Ledger:
    """answered: request id -> (experiment, moment it was sent, moment of the answer). batches: number of each batch
    that was acknowledged -> its dataset version. experiments: accepted for training. deployed: generation ->
    experiment. attempted: experiments whose deployment was not acknowledged."""

    answered: dict[str, tuple[int, float, float]] = field(default_factory=dict)
    batches: dict[int, int] = field(default_factory=dict)
    experiments: list[int] = field(default_factory=list)
    deployed: dict[int, int] = field(default_factory=dict)
    attempted: list[int] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)

    def fail(self, route: str, began: float, what: str) -> None:
        self.failures.append(Failure(route, began, monotonic(), what))

    def unexplained(self) -> Sequence[Failure]:
        """Failures of a route while nothing struck that may stop it."""
        return [failure for failure in self.failures if not any(
            failure.route in outage.stops and outage.touches(failure.began, failure.ended) for outage in self.outages)]

    def may_be_lost(self, request_id: str) -> bool:
        _, began, ended = self.answered[request_id]
        return any(outage.loses_answers and outage.touches(began, ended) for outage in self.outages)
