"""What all requests of a process may have in memory together: bodies, what is unpacked and decoded of them, pixels."""
from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from threading import Condition

from application.serving.current_request import CurrentRequest, current_request
from domain.errors import Busy, TooLarge

# Gives back what was taken; once more does nothing.
GiveBack = Callable[[], None]
Take = Callable[[int], GiveBack]
# What so many requests have that bring hardly anything is not worth turning one of them away.
SMALL_BYTES = 64 << 10
_MB = 1_000_000


def nothing(wanted_bytes: int) -> GiveBack:
    """Takes nothing, for work that is done for no request."""
    return lambda: None


class Room:
    """size_bytes: of all requests together. most_bytes: of one, of which nobody else has anything: it may have more
    than all. wait_s: how long one more may wait for it before it is told to come again, which `on_busy` counts. tell:
    given what says how much is taken, when that may have changed. resting: what a thread that waits is in meanwhile.

    What a request has taken and not given back is given back by `end`. Thread-safe: yes.
    """

    def __init__(self, size_bytes: int, most_bytes: int, wait_s: float, on_busy: Callable[[], None] = lambda: None,
                 tell: Callable[[Callable[[], int]], None] = lambda taken_bytes: None,
                 resting: Callable[[], AbstractContextManager[object]] = nullcontext) -> None:
        self._size, self._most, self.wait_s = size_bytes, max(size_bytes, most_bytes), wait_s
        self._on_busy, self._tell, self._resting = on_busy, tell, resting
        # May be entered twice by one thread: what is given back is, now and then, while garbage is collected.
        self._changed = Condition()
        self._taken: dict[CurrentRequest, int] = {}
        self._total = 0

    def taken_bytes(self) -> int:
        return self._total

    def take(self, wanted_bytes: int) -> GiveBack:
        """For the request that is being worked on; work for none is not counted. Waits, so not for an event loop.

        Raises: TooLarge for what could never be had, in words to be put behind what it is; Busy.
        """
        if (given := self.take_at_once(wanted_bytes)) is not None:
            return given
        with self._resting():
            if (given := self._taken_within(wanted_bytes, self.wait_s)) is None:
                raise self.busy()
        return given

    def take_at_once(self, wanted_bytes: int) -> GiveBack | None:
        """As `take`; None where one would have to wait. Raises: TooLarge."""
        return self._taken_within(wanted_bytes, 0)

    def _taken_within(self, wanted_bytes: int, wait_s: float) -> GiveBack | None:
        """Raises: TooLarge."""
        if (request := current_request.get()) is None:
            return nothing(wanted_bytes)
        with self._changed:
            self._check(request, wanted_bytes)
            if not self._changed.wait_for(lambda: self._fits(request, wanted_bytes), wait_s):
                return None
            given = self._give(request, wanted_bytes)
        self._tell(self.taken_bytes)
        return given

    def end(self, request: CurrentRequest) -> None:
        """Whatever it has not given back; what is taken or given back for it from now on does not count."""
        with self._changed:
            request.ended = True
            if (taken := self._taken.pop(request, None)) is None:
                return
            self._change(-taken)
        self._tell(self.taken_bytes)

    def _check(self, request: CurrentRequest, wanted_bytes: int) -> None:
        """Raises: TooLarge."""
        if (wanted := self._taken.get(request, 0) + wanted_bytes) > self._most:
            raise TooLarge(f"takes {-(-wanted // _MB):,} MB of memory to be worked on; one request may have "
                           f"{self._most // _MB:,} MB here")

    def _fits(self, request: CurrentRequest, wanted_bytes: int) -> bool:
        # What a request has itself is no reason to let it wait for itself.
        own = self._taken.get(request, 0)
        return own + wanted_bytes <= SMALL_BYTES or self._total == own or self._total + wanted_bytes <= self._size

    def _give(self, request: CurrentRequest, wanted_bytes: int) -> GiveBack:
        if request.ended:
            return nothing(wanted_bytes)
        self._taken[request] = self._taken.get(request, 0) + wanted_bytes
        self._change(wanted_bytes)
        given = False

        def give_back() -> None:
            # Nothing is told here: while garbage is collected whoever is told may be at work in this very thread.
            nonlocal given
            with self._changed:
                if not given and request in self._taken:
                    self._taken[request] -= wanted_bytes
                    self._change(-wanted_bytes)
                given = True
        return give_back

    def _change(self, by_bytes: int) -> None:
        self._total += by_bytes
        if by_bytes < 0:
            self._changed.notify_all()

    def busy(self) -> Busy:
        """What whoever has waited in vain is told; counts it."""
        self._on_busy()
        return Busy("what other requests have in memory leaves no room for this one",
                    retry_after_s=max(1, round(self.wait_s)))
