"""Work that is done again and again beside the processes that answer."""
from __future__ import annotations

import logging
from threading import Event

import pytest

from application.serving import wanted
from entrypoints.processes.repeating import Repeater
from tests.waiting import until

LOG = logging.getLogger("progon.test")


def repeater(work, at_end: bool = False, pause_s: float = 0.001) -> Repeater:
    return Repeater("worker", work, LOG, pause_s=pause_s, longest_pause_s=0.01, failing="it fails",
                    caught_up="it works again", at_end=at_end)


def test_a_failure_and_its_end_are_told_once(caplog):
    caplog.set_level(logging.INFO, LOG.name)
    calls = []

    def work() -> None:
        calls.append(len(calls))
        if len(calls) in (2, 3, 4):
            raise OSError("away")

    with repeater(work):
        until(lambda: len(calls) > 6)
    assert [record.getMessage() for record in caplog.records] == ["it fails: away", "it works again"]


@pytest.mark.parametrize(("at_end", "calls"), [(True, 1), (False, 0)])
def test_what_would_be_lost_is_done_at_the_end(at_end, calls):
    done = []
    with repeater(lambda: done.append(1), at_end, pause_s=3_600.0):
        pass
    assert len(done) == calls


def test_what_is_wanted_at_once_does_not_wait():
    done: list[int] = []
    with Repeater("worker", lambda: done.append(1), LOG, pause_s=3_600.0, longest_pause_s=3_600.0, failing="it fails",
                  at_once=True):
        until(lambda: done)
    assert len(done) == 1


def test_what_fails_at_once_waits_before_it_is_tried_again(caplog):
    calls: list[int] = []

    def work() -> None:
        calls.append(1)
        raise OSError("away")

    with Repeater("worker", work, LOG, pause_s=3_600.0, longest_pause_s=3_600.0, failing="it fails", at_once=True):
        until(lambda: calls)
    assert (len(calls), caplog.messages) == (1, ["it fails: away"])


def test_long_work_is_not_waited_for_to_its_end_but_the_last_call_is_whole() -> None:
    begun, ended = Event(), []

    def work() -> None:
        if begun.is_set():
            wanted.go_on()  # of the last call, which is not to be left
            ended.append("last")
            return
        begun.set()
        while True:
            wanted.go_on()

    with Repeater("long", work, logging.getLogger("long"), pause_s=60, longest_pause_s=60, failing="it fails",
                  at_once=True, at_end=True):
        assert begun.wait(10)
    assert ended == ["last"]


def test_a_call_that_waits_for_something_to_do_is_woken_when_it_is_to_stop() -> None:
    waiting, woken = Event(), Event()

    def work() -> None:
        waiting.set()
        assert woken.wait(30)

    with Repeater("worker", work, LOG, pause_s=0, longest_pause_s=0.01, failing="it fails", wake=woken.set):
        assert waiting.wait(30)
    assert woken.is_set()
