"""Pieces that are made ahead: the same ones, bounded, and nothing is left running."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from contextvars import ContextVar
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.serving.ahead import MOST_WAITING, ahead

WAIT_S = 20


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "ahead"]


@given(st.lists(st.one_of(st.none(), st.integers()), max_size=8))
def test_the_same_pieces_in_order(pieces):
    assert list(ahead(pieces)) == pieces and not threads()


@given(st.integers(0, 4))
def test_what_is_raised_comes_after_the_pieces_before_it(before):
    def failing() -> Iterator[int]:
        yield from range(before)
        raise LookupError("the row is torn")
    taken = []
    with pytest.raises(LookupError, match="torn"):
        for piece in ahead(failing()):
            taken.append(piece)
    assert taken == list(range(before)) and not threads()


def test_the_next_is_made_while_one_is_worked_on():
    begun = [threading.Event() for _ in range(3)]

    def pieces() -> Iterator[int]:
        for number, event in enumerate(begun):
            event.set()
            yield number
    taken = ahead(pieces())
    assert next(taken) == 0 and not begun[1].is_set(), "a single piece needs no thread"
    assert next(taken) == 1 and begun[2].wait(WAIT_S)
    assert list(taken) == [2]


def test_no_more_are_made_than_there_is_room_for():
    made, several = [], threading.Event()

    def pieces() -> Iterator[int]:
        for number in count():
            made.append(number)
            if number >= 1 + MOST_WAITING:
                several.set()
            yield number
    taken = ahead(pieces())
    next(taken), next(taken)
    assert several.wait(WAIT_S)
    taken.close()
    assert len(made) <= 3 + MOST_WAITING and not threads()


def test_it_knows_for_whom_it_works():
    request: ContextVar[str] = ContextVar("request", default="nobody")

    def pieces() -> Iterator[str]:
        for _ in range(3):
            yield request.get()
    request.set("mine")
    assert list(ahead(pieces())) == ["mine"] * 3
