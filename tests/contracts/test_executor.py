"""The contract of the port Executor."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from application.ports.executor import Executor, ExecutorUnavailable
from tests.fakes.executor import ThreadExecutor

PATIENCE_S = 30


@pytest.fixture(params=[ThreadExecutor])
def make_executor(request) -> Iterator[Callable[[Callable[[int], object]], Executor]]:
    made: list = []

    def make(work: Callable[[int], object]) -> Executor:
        made.append(request.param(work))
        return made[-1]

    yield make
    for executor in made:
        executor.close()


def test_submit_returns_while_the_work_goes_on(make_executor):
    begun, may_end, done = Event(), Event(), Event()
    executor = make_executor(lambda _: (begun.set(), may_end.wait(PATIENCE_S), done.set()))
    executor.submit(1)
    assert begun.wait(PATIENCE_S)
    assert not done.is_set()
    may_end.set()
    assert done.wait(PATIENCE_S)


def test_each_once_and_in_order(make_executor):
    ran: list[int] = []
    executor = make_executor(ran.append)
    for number in range(50):
        executor.submit(number)
    executor.close()
    assert ran == list(range(50))


def test_submitting_again_what_is_queued_or_running_does_nothing(make_executor):
    ran, begun, may_end = [], Event(), Event()
    executor = make_executor(lambda number: (ran.append(number), begun.set(), may_end.wait(PATIENCE_S)))
    executor.submit(1)
    executor.submit(2)
    assert begun.wait(PATIENCE_S)
    for number in (1, 2, 2, 1):
        executor.submit(number)
    may_end.set()
    executor.close()
    assert ran == [1, 2]


def test_many_threads_submit_the_same(make_executor):
    ran, may_begin = [], Event()
    executor = make_executor(lambda number: (may_begin.wait(PATIENCE_S), ran.append(number)))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(executor.submit, [1, 2, 3] * 20))
    may_begin.set()
    executor.close()
    assert sorted(ran) == [1, 2, 3]


def test_work_that_fails_does_not_keep_the_next_from_running(make_executor):
    ran: list[float] = []
    executor = make_executor(lambda number: ran.append(1 / number))
    for number in (0, 1):
        executor.submit(number)
    executor.close()
    assert ran == [1.0]


def test_nothing_takes_work(make_executor):
    executor = make_executor(print)
    executor.close()
    with pytest.raises(ExecutorUnavailable):
        executor.submit(1)
