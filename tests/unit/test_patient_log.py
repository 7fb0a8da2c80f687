"""A run outlives an outage of the record."""
from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.sqlmodel.database import DatabaseUnavailable
from application.decorators.experiment_log import PatientExperimentLog
from application.ports.experiment_log import UnknownExperiment
from domain.errors import IllegalTransition
from domain.experiment import Progress, Status
from tests.builders import make_experiment, make_task
from tests.fakes.clock import START, FixedClock
from tests.fakes.experiment_log import InMemoryExperimentLog

PATIENCE = timedelta(seconds=60)


class AwayLog(InMemoryExperimentLog):
    """Does not answer until `back_at`."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__()
        self._clock, self.back_at = clock, START

    def get(self, experiment_id):
        self._answer()
        return super().get(experiment_id)

    def list(self, **filters):
        self._answer()
        return super().list(**filters)

    def _answer(self) -> None:
        if self._clock.now() < self.back_at:
            raise DatabaseUnavailable("the database does not answer")


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def away(clock):
    return AwayLog(clock)


@pytest.fixture
def log(away, clock):
    return PatientExperimentLog(away, clock, PATIENCE)


def test_what_is_told_during_an_outage_is_kept_after_it(log, away, clock):
    experiment = log.add(make_experiment(make_task()))
    away.back_at = START + timedelta(seconds=50)
    log.update(experiment.id, lambda queued: queued.start(clock.now()))
    assert clock.now() >= away.back_at
    assert log.get(experiment.id).started_at >= away.back_at


def test_it_looks_again_soon_after_the_outage(log, away, clock):
    experiment = log.add(make_experiment(make_task()))
    for away_s in (0.1, 1, 10, 59):
        away.back_at = clock.now() + timedelta(seconds=away_s)
        assert [found.id for found in log.list()] == [experiment.id]
        assert clock.now() - away.back_at < timedelta(seconds=6)


def test_it_gives_up_in_the_end(log, away, clock):
    experiment = log.add(make_experiment(make_task()))
    away.back_at = START + timedelta(days=1)
    with pytest.raises(DatabaseUnavailable):
        log.update(experiment.id, lambda queued: queued.start(START))
    assert PATIENCE <= clock.now() - START < PATIENCE * 1.2


def test_other_failures_come_out_at_once(log, clock):
    experiment = log.add(make_experiment(make_task()))
    with pytest.raises(UnknownExperiment):
        log.get(99)
    with pytest.raises(IllegalTransition):
        log.update(experiment.id, lambda queued: queued.beat(START, Progress()))
    assert clock.now() == START


def test_an_update_whose_answer_was_lost_does_no_harm(log, away, clock):
    """The first try was kept, only its answer was lost: a run that succeeded stays so."""
    experiment = log.add(make_experiment(make_task()))
    log.update(experiment.id, lambda queued: queued.start(START))
    kept = away.update

    def lose_the_answer(experiment_id, decide):
        away.update = kept
        kept(experiment_id, decide)
        raise DatabaseUnavailable("the database does not answer")

    away.update = lose_the_answer
    done = log.update(experiment.id, lambda current: current if current.status.is_final else current.succeed(
        START, {"test": {"auc": 0.7}}, from_cache=False))
    assert done.status is Status.SUCCEEDED
