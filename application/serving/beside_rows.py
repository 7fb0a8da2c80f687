"""Threads that compute for long leave a processor to whoever answers single rows, while such come."""
from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from threading import Condition
from typing import ParamSpec, TypeVar

from application.serving.wanted import go_on

# So long after the last row others may come.
LATELY_S = 0.1
Asked = ParamSpec("Asked")
Result = TypeVar("Result")


class RowsLately:
    """Whether single rows are being answered. now: the seconds of a clock that is never set. Thread-safe: yes, a moment
    is written whole."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now, self._last = now, float("-inf")

    def seen(self) -> None:
        self._last = self._now()

    def __bool__(self) -> bool:
        return self._now() - self._last < LATELY_S


class ThreadsBesideRows(ThreadPoolExecutor):
    """As its base class, of `most` threads, of which only `beside_rows` compute while single rows are answered: what
    computes outside of the interpreter is taken its processor away only when the system's clock ticks, and a row would
    wait for that several times. It is done in the context in which it was submitted, and ends with NobodyWaits if
    nobody waits for it when its turn has come. Thread-safe: yes."""

    def __init__(self, most: int, beside_rows: int, rows: RowsLately, name: str) -> None:
        super().__init__(most, name)
        self._most, self._beside_rows, self._rows = most, beside_rows, rows
        self._computing, self._changed = 0, Condition()

    def submit(self, fn: Callable[Asked, Result], /, *args: Asked.args, **kwargs: Asked.kwargs) -> Future[Result]:
        return super().submit(copy_context().run, self._in_turn, partial(fn, *args, **kwargs))

    def _in_turn(self, work: Callable[[], Result]) -> Result:
        self._begin()
        try:
            return work()
        finally:
            self._end()

    def _begin(self) -> None:
        """Raises: NobodyWaits."""
        with self._changed:
            go_on()
            while self._computing >= (self._beside_rows if self._rows else self._most):
                # Nobody says that no row has come for a while, or that nobody waits.
                self._changed.wait(LATELY_S)
                go_on()
            self._computing += 1

    def _end(self) -> None:
        with self._changed:
            self._computing -= 1
            self._changed.notify()
