"""The contract of the port RunMarks."""
from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.files.run_marks import FilesRunMarks
from application.ports.run_marks import RunIsHeld
from tests.contracts.processes import start_process
from tests.fakes.run_marks import InMemoryRunMarks


@pytest.fixture(params=["fake", "files"])
def marks(request, tmp_path):
    return InMemoryRunMarks() if request.param == "fake" else FilesRunMarks(tmp_path / "runs")


def hold_until_killed(folder: str, *numbers: str) -> None:
    marks = FilesRunMarks(Path(folder))
    with marks.hold(int(numbers[0])), marks.hold(int(numbers[1])):
        print("held", flush=True)
        signal.pause()


@pytest.fixture
def die_holding(marks, tmp_path):
    """die_holding(first, second): a process holds both and is killed."""
    def die(first: int, second: int) -> None:
        if isinstance(marks, InMemoryRunMarks):
            for number in (first, second):
                marks.kill(number)
            return
        process = start_process(hold_until_killed, str(tmp_path / "runs"), str(first), str(second))
        with process:
            assert process.stdout.readline() == "held\n"
            assert marks.abandoned() == []
            assert marks.is_held(first) and marks.is_held(second)
            with pytest.raises(RunIsHeld), marks.hold(first):
                pass
            os.kill(process.pid, signal.SIGKILL)
    return die


def test_a_mark_is_held_for_the_block_and_gone_after_it(marks):
    with marks.hold(1):
        assert marks.abandoned() == []
        with pytest.raises(RunIsHeld), marks.hold(1):
            pass
        with marks.hold(2):
            pass
    assert marks.abandoned() == []
    with marks.hold(1):
        pass


def test_it_is_held_within_the_block_alone(marks, die_holding):
    assert not marks.is_held(1)
    with marks.hold(1):
        assert marks.is_held(1) and not marks.is_held(2)
    assert not marks.is_held(1)
    die_holding(1, 2)
    assert not marks.is_held(1) and list(marks.abandoned()) == [1, 2]


def test_a_block_that_fails_leaves_nothing(marks):
    with pytest.raises(ZeroDivisionError), marks.hold(1):
        raise ZeroDivisionError
    assert marks.abandoned() == []


def test_a_process_that_dies_leaves_its_marks_until_they_are_forgotten(marks, die_holding):
    die_holding(20, 3)
    assert list(marks.abandoned()) == list(marks.abandoned()) == [3, 20]
    marks.forget(3)
    assert list(marks.abandoned()) == [20]


def test_an_abandoned_mark_can_be_held_again(marks, die_holding):
    die_holding(1, 2)
    with marks.hold(1):
        assert list(marks.abandoned()) == [2]
    assert list(marks.abandoned()) == [2]


def test_what_is_held_or_unknown_is_not_forgotten(marks):
    marks.forget(7)
    with marks.hold(1):
        marks.forget(1)
        with pytest.raises(RunIsHeld), marks.hold(1):
            pass


def test_one_of_many_threads_holds_it(marks):
    def attempt(_) -> bool:
        try:
            with marks.hold(1):
                marks.abandoned()
                return True
        except RunIsHeld:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert any(pool.map(attempt, range(24)))
    assert marks.abandoned() == []
