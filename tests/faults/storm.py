"""Faults, one after the other, some into another, while clients ask on."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from random import Random
from threading import Event
from time import monotonic

from tests.e2e.server import wait_until
from tests.faults.fault import Fault, NotThere
from tests.faults.ledger import Ledger, Outage
from tests.faults.world import World

WELL_WITHIN_S = 120.0
_SHARE_OF_PAIRS = 0.25
_LONGEST_HOLD_S = 3.0


class Storm:
    """faults: all that may strike. struck: how many of each did."""

    def __init__(self, world: World, ledger: Ledger, faults: Sequence[Fault], seed: int) -> None:
        self._world, self._ledger, self._chance = world, ledger, Random(seed)
        self._faults = [fault for fault in faults if not fault.needs or fault.needs in world.has()]
        self._deck = self._dealt()
        self.struck: Counter[str] = Counter()

    def blow(self, faults: int) -> None:
        """Returns when so many have struck and all is well again."""
        while self.struck.total() < faults:
            with ExitStack() as stack:
                began = monotonic()
                found = self._strike(stack)
                if found and self._chance.random() < _SHARE_OF_PAIRS:
                    found += self._strike(stack)
                self._hold()
            self._wait_until_well(began, found)

    def _strike(self, stack: ExitStack) -> list[Fault]:
        """The one that struck and mends at the end of `stack`; none if it found nothing to strike."""
        fault = next(self._deck)
        try:
            stack.enter_context(fault.strike(self._world, self._chance))
        except NotThere:
            return []
        self.struck[fault.name] += 1
        self._hold()
        return [fault]

    def _hold(self) -> None:
        # How long a fault lasts is what is drawn, not something waited for.
        Event().wait(self._chance.uniform(0, _LONGEST_HOLD_S / 2))

    def _wait_until_well(self, began: float, found: Sequence[Fault]) -> None:
        mended = monotonic()
        names = " and ".join(fault.name for fault in found) or "nothing"
        try:
            wait_until(self._world.is_well, f"all well after {names}", WELL_WITHIN_S)
        finally:
            ended = monotonic()
            self._ledger.outages.append(Outage(
                names, began, ended, frozenset().union(*(fault.stops for fault in found)),
                any(fault.loses_answers for fault in found)))
            print(f"{self.struck.total():4} {names}: {mended - began:.1f} s, well after {ended - mended:.1f} s more",
                  flush=True)

    def _dealt(self) -> Iterator[Fault]:
        """In random order, each once before any comes again."""
        while True:
            yield from self._chance.sample(self._faults, len(self._faults))
