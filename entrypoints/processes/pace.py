"""Work beside what answers, with rests between its pieces."""
from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from application.serving.wanted import gone

# Where more threads compute than there are processors, a system lets each go on to its tick before another one has its
# turn, and that is 4 ms where it ticks 250 times a second. A row takes a fraction of that, and so does such work before
# it rests.
_WORKS_S = _RESTS_S = 0.0002


@contextmanager
def resting() -> Iterator[None]:
    """In the block, work that asks between its pieces whether it is wanted (`go_on`) rests there for a moment, once it
    has worked for as long: half of the time, if its pieces are short. Where nobody can tell it to end, nobody is to
    wait for it longer either, and it does not rest."""
    if (is_over := gone.get()) is None:
        yield
        return
    before = gone.set(_Pace(is_over))
    try:
        yield
    finally:
        gone.reset(before)


class _Pace:
    def __init__(self, is_over: Callable[[], bool]) -> None:
        self._is_over, self._rested_at = is_over, time.perf_counter()

    def __call__(self) -> bool:
        if time.perf_counter() - self._rested_at > _WORKS_S:
            time.sleep(_RESTS_S)
            self._rested_at = time.perf_counter()
        return self._is_over()
