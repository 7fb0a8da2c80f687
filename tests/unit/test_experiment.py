"""An experiment's way from the queue to its end, and no other."""
from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import Conflict, IllegalTransition
from domain.experiment import Experiment, Progress, Status
from tests.builders import make_experiment, make_task
from tests.fakes.clock import START

NOW = START + timedelta(minutes=5)
METRICS = {"test": {"auc": 0.75}}
HALF = Progress(0.5, "train_model", 5, 10, 0.6)


def queued() -> Experiment:
    return make_experiment(make_task(), id=3)


IN_STATUS = {
    Status.QUEUED: queued(), Status.RUNNING: queued().start(START).beat(START, HALF),
    Status.SUCCEEDED: queued().start(START).succeed(START, METRICS, False),
    Status.FAILED: queued().start(START).fail(START, "why"), Status.CANCELLED: queued().cancel(START),
}
ACTIONS = {
    "start": lambda experiment: experiment.start(NOW),
    "beat": lambda experiment: experiment.beat(NOW, HALF),
    "succeed": lambda experiment: experiment.succeed(NOW, METRICS, True),
    "fail": lambda experiment: experiment.fail(NOW, "disk full"),
    "cancel": lambda experiment: experiment.cancel(NOW),
    "request_cancel": lambda experiment: experiment.request_cancel(NOW),
}
LEGAL = {
    ("start", Status.QUEUED): Status.RUNNING, ("fail", Status.QUEUED): Status.FAILED,
    ("cancel", Status.QUEUED): Status.CANCELLED, ("request_cancel", Status.QUEUED): Status.CANCELLED,
    ("beat", Status.RUNNING): Status.RUNNING, ("succeed", Status.RUNNING): Status.SUCCEEDED,
    ("fail", Status.RUNNING): Status.FAILED, ("cancel", Status.RUNNING): Status.CANCELLED,
    ("request_cancel", Status.RUNNING): Status.RUNNING,
}


def test_the_examples_are_what_they_say():
    assert [(status, status) for status in Status] == [(key, value.status) for key, value in IN_STATUS.items()]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("status", Status)
def test_every_pair_is_legal_or_refused(action, status):
    before = IN_STATUS[status]
    if (action, status) in LEGAL:
        assert ACTIONS[action](before).status is LEGAL[action, status]
    else:
        with pytest.raises(IllegalTransition, match=f"experiment 3 is {status}") as failure:
            ACTIONS[action](before)
        assert isinstance(failure.value, Conflict)
    assert before == IN_STATUS[status]


@pytest.mark.parametrize("status", Status)
def test_what_is_final_goes_nowhere(status):
    assert status.is_final == all((action, status) not in LEGAL for action in ACTIONS)


def test_what_a_start_and_a_beat_leave():
    started = queued().start(NOW)
    assert (started.started_at, started.heartbeat_at, started.finished_at) == (NOW, NOW, None)
    beaten = started.beat(NOW + timedelta(seconds=1), HALF)
    assert (beaten.started_at, beaten.heartbeat_at, beaten.progress) == (NOW, NOW + timedelta(seconds=1), HALF)


def test_what_each_end_leaves():
    running = IN_STATUS[Status.RUNNING]
    succeeded = running.succeed(NOW, METRICS, True)
    assert (succeeded.metrics, succeeded.finished_at, succeeded.error) == (METRICS, NOW, None)
    assert succeeded.from_cache
    assert succeeded.progress == Progress(1.0, "done", 5, 10, 0.6)
    failed = running.fail(NOW, "disk full")
    assert (failed.error, failed.finished_at, failed.metrics, failed.progress) == ("disk full", NOW, {}, HALF)
    cancelled = running.cancel(NOW)
    assert (cancelled.error, cancelled.finished_at, cancelled.cancel_requested) == ("cancelled", NOW, True)
    asked = running.request_cancel(NOW)
    assert (asked.cancel_requested, asked.finished_at) == (True, None)


def test_lost_is_who_runs_and_was_not_heard_of_for_too_long():
    patience = timedelta(seconds=60)
    running = queued().start(START)
    assert not running.is_lost(START + patience, patience)
    assert running.is_lost(START + patience + timedelta(microseconds=1), patience)
    assert not running.beat(NOW, HALF).is_lost(NOW + patience, patience)
    for status in set(Status) - {Status.RUNNING}:
        assert not IN_STATUS[status].is_lost(NOW + timedelta(days=9), patience)
