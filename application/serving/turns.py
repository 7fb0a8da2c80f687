"""How many threads compute at once, of those that work on long requests."""
from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, local
from typing import TypeVar

from application.serving.wanted import go_on

# So often whoever waits for a turn looks whether anybody still waits for the answer.
_LOOK_S = 0.2
Result = TypeVar("Result")


class Turns:
    """So many threads have their turn; the others wait for it, in the order in which they came.

    Threads of Python that compute take the interpreter from each other, and from whoever answers rows, each for a
    moment: more of them than there are processors are done no sooner, and every row waits longer. Thread-safe: yes.
    """

    def __init__(self, count: int) -> None:
        self._free, self._waiting = count, deque[Event]()
        self._changing, self._mine = Lock(), local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """The thread has a turn while in the block. Raises: NobodyWaits, while it waits for it."""
        self._take()
        try:
            yield
        finally:
            self._give_back()

    def run(self, work: Callable[[], Result]) -> Result:
        """What the work returns, which has a turn. Raises: NobodyWaits, while it waits for it, and what `work` does."""
        with self.taken():
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
        if not self._has_one():
            yield
            return
        self._give_back()
        try:
            yield
        finally:
            self._take()

    def pass_on(self) -> None:
        """Between two pieces of work: those who wait have their turn first. Raises: NobodyWaits, meanwhile."""
        if self._waiting and self._has_one():
            with self.let_go():
                pass

    def _has_one(self) -> bool:
        return getattr(self._mine, "is_taken", False)

    def _take(self) -> None:
        turn = Event()
        with self._changing:
            if self._free and not self._waiting:
                self._free -= 1
                turn.set()
            else:
                self._waiting.append(turn)
        try:
            while not turn.wait(_LOOK_S):
                go_on()
        except BaseException:
            self._wait_no_more(turn)
            raise
        self._mine.is_taken = True

    def _wait_no_more(self, turn: Event) -> None:
        with self._changing:
            if not turn.is_set():
                self._waiting.remove(turn)
                return
        self._hand_on()

    def _give_back(self) -> None:
        """Does nothing for a thread whose wait for its turn has failed."""
        if self._has_one():
            self._mine.is_taken = False
            self._hand_on()

    def _hand_on(self) -> None:
        with self._changing:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1
