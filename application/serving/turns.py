"""How many threads compute at once, of those that work on long requests."""
from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Lock, local
from typing import TypeVar

from application.serving.wanted import go_on
from domain.kinds.kind import Kind

# So often whoever waits for a turn looks whether anybody still waits for the answer.
_LOOK_S = 0.2
# How many processors' worth of turns work takes: rows of a table hold the interpreter for the most part, so that a
# second one is done hardly sooner beside the first, while whoever answers single rows waits for both; pictures are
# computed outside of it.
COSTS: Mapping[Kind, int] = {Kind.TABULAR: 2, Kind.IMAGE: 1}
Result = TypeVar("Result")


class Turns:
    """As many threads have their turn as there are processors for; the others wait for it, in the order in which they
    came.

    Threads of Python that compute take the interpreter from each other, and from whoever answers rows, each for a
    moment: more of them than there are processors are done no sooner, and every row waits longer. Thread-safe: yes.
    """

    def __init__(self, count: int) -> None:
        """count: of processors."""
        self._free, self._waiting = count, deque[tuple[Event, int]]()
        self._changing, self._mine = Lock(), local()

    @contextmanager
    def taken(self, kind: Kind) -> Iterator[None]:
        """The thread has a turn while in the block. Raises: NobodyWaits, while it waits for it."""
        self._take(COSTS[kind])
        try:
            yield
        finally:
            self._give_back()

    def run(self, kind: Kind, work: Callable[[], Result]) -> Result:
        """What the work returns, which has a turn. Raises: NobodyWaits, while it waits for it, and what `work` does."""
        with self.taken(kind):
            return work()

    def passing_on(self, is_over: Callable[[], bool]) -> Callable[[], bool]:
        """The same, for work that asks between its pieces, which lets others have their turn before it is told."""
        def asked() -> bool:
            self.pass_on()
            return is_over()
        return asked

    @contextmanager
    def let_go(self) -> Iterator[None]:
        """While in the block the thread waits for something else than its turn, and another has it. Raises:
        NobodyWaits, while it waits for it again."""
        if not (cost := self._cost()):
            yield
            return
        self._give_back()
        try:
            yield
        finally:
            self._take(cost)

    def pass_on(self) -> None:
        """Between two pieces of work: those who wait have their turn first. Raises: NobodyWaits, meanwhile."""
        if self._waiting and self._cost():
            with self.let_go():
                pass

    def _cost(self) -> int:
        """Of the turn that the thread has; 0 for none."""
        return getattr(self._mine, "cost", 0)

    def _take(self, cost: int) -> None:
        turn = Event()
        with self._changing:
            self._waiting.append((turn, cost))
            self._hand_out()
        try:
            while not turn.wait(_LOOK_S):
                go_on()
        except BaseException:
            self._wait_no_more(turn, cost)
            raise
        self._mine.cost = cost

    def _wait_no_more(self, turn: Event, cost: int) -> None:
        with self._changing:
            if turn.is_set():
                self._free += cost
            else:
                self._waiting.remove((turn, cost))
            self._hand_out()

    def _give_back(self) -> None:
        """Does nothing for a thread whose wait for its turn has failed."""
        if cost := self._cost():
            self._mine.cost = 0
            with self._changing:
                self._free += cost
                self._hand_out()

    def _hand_out(self) -> None:
        """With the lock held. Whoever needs more than is free has it if anything is: to wait for the rest would be to
        wait until the pieces of somebody else have ended, and those of pictures are long."""
        while self._waiting and self._free > 0:
            turn, cost = self._waiting.popleft()
            self._free -= cost
            turn.set()
