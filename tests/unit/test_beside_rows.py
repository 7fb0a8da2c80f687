"""Threads that compute for long leave a processor to whoever answers rows, while rows come."""
from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from application.serving import beside_rows, wanted
from application.serving.beside_rows import LATELY_S, RowsLately, ThreadsBesideRows
from application.serving.wanted import NobodyWaits
from tests.waiting import until

PATIENCE_S = 30


class Moments:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def moments() -> Moments:
    return Moments()


@pytest.fixture
def rows(moments) -> RowsLately:
    return RowsLately(moments)


@pytest.fixture
def threads(rows, monkeypatch) -> Iterator[ThreadsBesideRows]:
    with ThreadsBesideRows(2, 1, rows, "tiles") as threads:
        monkeypatch.setattr(beside_rows, "LATELY_S", 0.001)  # so often whoever waits looks again
        yield threads


def test_rows_come_until_there_was_none_for_a_while(rows, moments):
    assert not rows
    rows.seen()
    assert rows
    moments.now_s += 0.9 * LATELY_S
    assert rows
    moments.now_s += 0.2 * LATELY_S
    assert not rows


def test_all_threads_compute_where_no_row_comes(threads):
    begun, go = [Event(), Event()], Event()
    running = [threads.submit(lambda event=event: (event.set(), go.wait(PATIENCE_S))) for event in begun]
    assert all(event.wait(PATIENCE_S) for event in begun)
    go.set()
    assert [future.result(PATIENCE_S)[1] for future in running] == [True, True]


def test_beside_rows_one_after_the_other_and_all_again_when_they_are_over(threads, rows, moments):
    rows.seen()
    begun, go = list[int](), [Event() for _ in range(3)]

    def compute(number: int) -> int:
        begun.append(number)
        assert go[number].wait(PATIENCE_S)
        return number
    running = [threads.submit(compute, number) for number in range(3)]
    until(lambda: len(begun) == 1)
    first, = begun
    go[first].set()
    assert running[first].result(PATIENCE_S) == first
    until(lambda: len(begun) == 2)
    assert threads._computing == 1
    moments.now_s += 2 * LATELY_S
    until(lambda: len(begun) == 3)
    for event in go:
        event.set()
    assert [future.result(PATIENCE_S) for future in running] == [0, 1, 2] and threads._computing == 0


def test_what_nobody_waits_for_is_not_begun(threads, rows):
    rows.seen()
    began, go, is_over, begun = Event(), Event(), False, list[str]()
    running = threads.submit(lambda: (began.set(), go.wait(PATIENCE_S)))
    assert began.wait(PATIENCE_S)
    before = wanted.gone.set(lambda: is_over)
    try:
        waiting = threads.submit(begun.append, "waits for its turn")
    finally:
        wanted.gone.reset(before)
    is_over = True
    with pytest.raises(NobodyWaits):
        waiting.result(PATIENCE_S)
    go.set()
    assert running.result(PATIENCE_S) and not begun


def test_what_fails_lets_the_next_one_begin(threads, rows):
    rows.seen()
    with pytest.raises(ZeroDivisionError):
        threads.submit(lambda: 1 / 0).result(PATIENCE_S)
    assert list(threads.map(str, range(3))) == ["0", "1", "2"]
