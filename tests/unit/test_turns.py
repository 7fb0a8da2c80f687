"""Threads that compute have their turn one after the other."""
from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

import pytest

from application.serving import wanted
from application.serving.turns import Turns
from application.serving.wanted import NobodyWaits
from domain.kinds.kind import Kind
from tests.waiting import until

PATIENCE_S = 30


class Worker:
    """A thread that has its turn, works when it is told to, and passes on between two pieces."""

    def __init__(self, turns: Turns, name: str, told: list[str], pieces: int = 1, kind: Kind = Kind.IMAGE) -> None:
        self._turns, self._name, self._told, self._pieces, self._kind = turns, name, told, pieces, kind
        self.go, self.ended = Event(), Event()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with suppress(NobodyWaits), self._turns.taken(self._kind):
            for number in range(self._pieces):
                if number:
                    self._turns.pass_on()
                self._told.append(self._name)
                assert self.go.wait(PATIENCE_S)
        self.ended.set()


def waiting(turns: Turns, count: int) -> Callable[[], bool]:
    return lambda: len(turns._waiting) == count


@pytest.mark.parametrize("count", [1, 2])
def test_so_many_work_at_once_and_the_others_in_their_order(count):
    turns, told, workers = Turns(count), [], []
    for number in range(4):
        workers.append(Worker(turns, str(number), told))
        until(lambda: len(told) + len(turns._waiting) == len(workers))
    assert told == [str(number) for number in range(count)]
    for number, worker in enumerate(workers):
        worker.go.set()
        assert worker.ended.wait(PATIENCE_S)
        until(lambda: len(told) == min(4, count + number + 1))
    assert told == ["0", "1", "2", "3"] and turns._free == count


@pytest.mark.parametrize(("processors", "tables", "pictures"), [(1, 1, 1), (2, 1, 2), (3, 2, 3), (4, 2, 4)])
def test_rows_of_a_table_take_the_turns_of_two(processors, tables, pictures):
    for kind, most in ((Kind.TABULAR, tables), (Kind.IMAGE, pictures)):
        turns, told = Turns(processors), []
        workers = [Worker(turns, str(kind), told, kind=kind) for _ in range(5)]
        until(waiting(turns, 5 - most))
        until(lambda most=most, told=told: len(told) == most)
        for worker in workers:
            worker.go.set()
            assert worker.ended.wait(PATIENCE_S)
        assert turns._free == processors


def test_a_table_does_not_wait_for_the_end_of_a_picture():
    turns, told = Turns(2), []
    picture = Worker(turns, "picture", told)
    until(lambda: told)
    table = Worker(turns, "table", told, kind=Kind.TABULAR)
    until(lambda: told == ["picture", "table"])
    last = Worker(turns, "later picture", told)
    until(waiting(turns, 1))
    table.go.set()
    assert table.ended.wait(PATIENCE_S)
    until(lambda: told == ["picture", "table", "later picture"])
    for worker in (picture, last):
        worker.go.set()
        assert worker.ended.wait(PATIENCE_S)
    assert turns._free == 2


def test_between_two_pieces_others_have_their_turn():
    turns, told = Turns(1), []
    long = Worker(turns, "long", told, pieces=3)
    until(lambda: told)
    short = Worker(turns, "short", told)
    until(waiting(turns, 1))
    short.go.set()
    long.go.set()
    assert long.ended.wait(PATIENCE_S) and short.ended.wait(PATIENCE_S)
    assert told == ["long", "short", "long", "long"] and turns._free == 1


def test_whoever_waits_for_something_else_lets_another_have_it():
    turns, told = Turns(1), []
    with turns.taken(Kind.IMAGE):
        other = Worker(turns, "other", told)
        other.go.set()
        with turns.let_go():
            assert other.ended.wait(PATIENCE_S)
        assert turns._free == 0
    assert turns._free == 1


def test_a_thread_without_a_turn_has_none_to_let_go_of():
    turns = Turns(1)
    turns.pass_on()
    with turns.let_go():
        assert turns._free == 1
    assert turns._free == 1


@pytest.mark.parametrize("handed", [False, True], ids=["while it waits", "as it is handed over"])
def test_whose_client_has_gone_waits_no_more(monkeypatch, handed):
    monkeypatch.setattr("application.serving.turns._LOOK_S", 0.001)
    turns, ended = Turns(1), Event()

    def gone() -> bool:
        if handed and turns._waiting:
            turns._free += 1  # whoever has the turn gives it back in this very moment
            turns._hand_out()
        return True

    def work() -> None:
        wanted.gone.set(gone)
        with pytest.raises(NobodyWaits), turns.taken(Kind.IMAGE):
            raise AssertionError
        ended.set()
    with turns.taken(Kind.IMAGE):
        thread = Thread(target=work, daemon=True)
        thread.start()
        assert ended.wait(PATIENCE_S) and not turns._waiting
        if handed:
            turns._free -= 1  # what was handed over was this thread's
    assert turns._free == 1


def test_a_turn_that_cannot_be_had_again_is_given_back_once(monkeypatch):
    monkeypatch.setattr("application.serving.turns._LOOK_S", 0.001)
    turns, told = Turns(1), []
    wanted.gone.set(lambda: True)
    try:
        with pytest.raises(NobodyWaits), turns.taken(Kind.IMAGE):
            other = Worker(turns, "other", told)
            until(waiting(turns, 1))
            turns.pass_on()
    finally:
        wanted.gone.set(None)
    other.go.set()
    assert other.ended.wait(PATIENCE_S) and turns._free == 1
