"""Whether anybody still waits for the answer that is being worked on."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

_Piece = TypeVar("_Piece")


class NobodyWaits(BaseException):
    """Work ends here. No failure, and so no Exception, that nobody on the way takes it for one."""


# Says whether whoever asked has gone; None where nobody can go.
gone: ContextVar[Callable[[], bool] | None] = ContextVar("gone", default=None)


def go_on() -> None:
    """To be called between the pieces of long work, in the thread that was asked for it. Raises: NobodyWaits."""
    if (has_gone := gone.get()) is not None and has_gone():
        raise NobodyWaits


@contextmanager
def to_its_end() -> Iterator[None]:
    """What is done in the block is done whether or not anybody waits: what it follows cannot be taken back."""
    before = gone.set(None)
    try:
        yield
    finally:
        gone.reset(before)


def while_wanted(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Until nobody waits for them any more. Raises: NobodyWaits."""
    for piece in pieces:
        go_on()
        yield piece
