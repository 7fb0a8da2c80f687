"""The next pieces are made while one is worked on."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextvars import copy_context
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Generic, TypeVar

Piece = TypeVar("Piece")
_END = object()
# One that waits and one that is made keep both sides busy; more would only take memory.
MOST_WAITING = 1


def ahead(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same pieces, in order, and what taking them raises. From the second one on they are taken in a thread of
    their own, in the context of whoever asked for the first; it has ended when this iterator is exhausted or closed.
    What makes and what takes pieces runs side by side only where both let go of the interpreter, as parsers and
    models do."""
    taken = iter(pieces)
    try:
        yield next(taken)
    except StopIteration:
        return
    maker = _Maker(taken)
    try:
        yield from maker.made()
    finally:
        maker.stop()


@dataclass(frozen=True, slots=True)
class _Failure:
    raised: BaseException


class _Maker(Generic[Piece]):
    def __init__(self, pieces: Iterator[Piece]) -> None:
        self._pieces, self._stopped = pieces, False
        self._room, self._made = Semaphore(MOST_WAITING), SimpleQueue[object]()
        self._thread = Thread(target=copy_context().run, args=(self._make,), name="ahead", daemon=True)
        self._thread.start()

    def made(self) -> Iterator[Piece]:
        while (piece := self._made.get()) is not _END:
            if isinstance(piece, _Failure):
                raise piece.raised
            self._room.release()
            yield piece  # type: ignore[misc]  # what is put there is a piece, a failure or the end

    def stop(self) -> None:
        """Returns when nothing is made any more."""
        self._stopped = True
        self._room.release()
        self._thread.join()

    def _make(self) -> None:
        try:
            while self._room.acquire() and not self._stopped:
                self._made.put(next(self._pieces, _END))
        except BaseException as raised:  # told to whoever takes the pieces
            self._made.put(_Failure(raised))
