from __future__ import annotations

import pytest

from application.ports.experiment_log import UnknownExperiment
from application.use_cases.cancel_experiment import CancelExperiment
from domain.errors import IllegalTransition
from domain.experiment import Status
from tests.builders import make_experiment, make_task, succeeded
from tests.fakes.clock import START


@pytest.fixture
def cancel(world):
    return CancelExperiment(world.log, world.clock)


def test_a_queued_one_ends_at_once(world, cancel):
    experiment = world.log.add(make_experiment(make_task()))
    done = cancel.execute(experiment.id)
    assert (done.status, done.error, done.finished_at) == (Status.CANCELLED, "cancelled", START)
    assert world.log.get(experiment.id) == done
    with pytest.raises(IllegalTransition):
        world.run_experiment.execute(experiment.id)


def test_a_running_one_is_told(world, cancel):
    experiment = world.log.add(make_experiment(make_task()))
    world.log.update(experiment.id, lambda queued: queued.start(START))
    told = cancel.execute(experiment.id)
    assert (told.status, told.cancel_requested) == (Status.RUNNING, True)
    assert cancel.execute(experiment.id) == told


def test_one_that_has_ended_stays_as_it_is(world, cancel):
    experiment = world.log.add(succeeded(make_task()))
    with pytest.raises(IllegalTransition, match="succeeded"):
        cancel.execute(experiment.id)
    assert world.log.get(experiment.id) == experiment


def test_an_unknown_one(cancel):
    with pytest.raises(UnknownExperiment):
        cancel.execute(1)
