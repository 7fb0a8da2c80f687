from __future__ import annotations

from datetime import timedelta

import pytest

from application.ports.executor import Executor, ExecutorUnavailable
from application.ports.pipeline_runner import LOG
from application.use_cases.recover_experiments import ENDED_SILENTLY, RecoverExperiments
from domain.experiment import Progress, Status
from tests.builders import make_experiment, make_task, succeeded
from tests.fakes.clock import START

PATIENCE = timedelta(seconds=30)


class Heard(Executor):
    """Keeps what it was given, as long as it is given no more than it takes."""

    def __init__(self) -> None:
        self.given: list[int] = []
        self.takes = 1_000

    def submit(self, experiment_id: int) -> None:
        if len(self.given) >= self.takes:
            raise ExecutorUnavailable("nothing takes work at the moment")
        self.given.append(experiment_id)

    def close(self) -> None:
        """Nothing runs."""


@pytest.fixture
def executor():
    return Heard()


@pytest.fixture
def recover(world, executor):
    return RecoverExperiments(world.log, world.marks, world.pipeline, world.artifacts, executor, world.clock, PATIENCE)


@pytest.fixture
def running(world):
    """running(): an experiment that runs and is held by a process of this machine."""
    def start(**changes):
        experiment = world.log.add(make_experiment(make_task(), **changes))
        return world.log.update(experiment.id, lambda queued: queued.start(world.clock.now()))
    return start


def die(world, experiment) -> None:
    world.marks.kill(experiment.id)


def test_a_run_whose_process_died_here_has_failed_at_once(world, recover, running):
    dead, alive = running(), running()
    die(world, dead)
    (world.folder / str(dead.id)).mkdir()
    with world.marks.hold(alive.id):
        assert [lost.id for lost in recover.execute(START).lost] == [dead.id]
    assert (world.log.get(dead.id).status, world.log.get(dead.id).error) == (Status.FAILED, ENDED_SILENTLY)
    assert world.log.get(alive.id).status is Status.RUNNING
    assert not (world.folder / str(dead.id)).exists()
    assert world.marks.abandoned() == []
    assert recover.execute(START).lost == ()


def test_what_a_dead_run_said_is_kept(world, recover, running):
    dead, done = running(), world.log.add(succeeded(make_task()))
    for experiment in (dead, done):
        die(world, experiment)
        (world.folder / str(experiment.id)).mkdir()
        (world.folder / str(experiment.id) / LOG).write_text("as far as it came\nhalf a li")
    recover.execute(START)
    assert [info.path for info in world.artifacts.list("experiments")] == [f"experiments/{dead.id}/{LOG}"]


def test_what_it_said_is_there_for_whoever_sees_that_it_has_failed(world, recover, running, monkeypatch):
    dead = running()
    die(world, dead)
    (world.folder / str(dead.id)).mkdir()
    (world.folder / str(dead.id) / LOG).write_text("the disk is full")
    update, found = world.log.update, []
    monkeypatch.setattr(world.log, "update", lambda *change: found.append(
        [info.path for info in world.artifacts.list("experiments")]) or update(*change))
    recover.execute(START)
    assert found == [[f"experiments/{dead.id}/{LOG}"]]


def test_the_reason_may_be_known_better(world, recover, running):
    dead = running()
    die(world, dead)
    recover.end_abandoned("the service was stopped")
    assert world.log.get(dead.id).error == "the service was stopped"


def test_one_that_was_to_be_cancelled_is(world, recover, running):
    dead = running()
    world.log.update(dead.id, lambda experiment: experiment.request_cancel(START))
    die(world, dead)
    recover.execute(START)
    assert world.log.get(dead.id).status is Status.CANCELLED


def test_a_process_that_died_after_the_end_changes_nothing_but_leaves_no_files(world, recover):
    done = world.log.add(succeeded(make_task()))
    for experiment_id in (done.id, 999):
        world.marks.kill(experiment_id)
        (world.folder / str(experiment_id)).mkdir()
    assert recover.execute(START).lost == ()
    assert world.log.get(done.id) == done
    assert list(world.folder.iterdir()) == []
    assert world.marks.abandoned() == []


def test_a_run_elsewhere_has_failed_when_it_is_silent_for_too_long(world, recover, running):
    silent, heard = running(), running()
    world.clock.advance(PATIENCE)
    world.log.update(heard.id, lambda experiment: experiment.beat(world.clock.now(), Progress(0.5)))
    assert recover.execute(START).lost == ()
    world.clock.advance(timedelta(seconds=1))
    assert [lost.id for lost in recover.execute(START).lost] == [silent.id]
    assert world.log.get(silent.id).error == ENDED_SILENTLY
    assert world.log.get(heard.id).status is Status.RUNNING


def test_a_run_that_is_held_here_is_alive_however_long_the_machine_slept(world, recover, running):
    here, elsewhere = running(), running()
    with world.marks.hold(here.id):
        world.clock.advance(timedelta(hours=8))
        assert [lost.id for lost in recover.execute(START).lost] == [elsewhere.id]
        assert world.log.get(here.id).status is Status.RUNNING
    die(world, here)
    assert [lost.id for lost in recover.execute(START).lost] == [here.id]


def test_nobody_is_blamed_for_a_silence_in_which_nothing_could_be_heard(world, recover, running):
    experiment = running()
    world.clock.advance(timedelta(hours=1))
    back = world.clock.now()
    assert recover.execute(back).lost == ()
    world.clock.advance(PATIENCE)
    assert recover.execute(back).lost == ()
    world.clock.advance(timedelta(seconds=1))
    assert [lost.id for lost in recover.execute(back).lost] == [experiment.id]


def test_what_is_queued_is_submitted_again_oldest_first(world, recover, executor, running):
    queued = [world.log.add(make_experiment(make_task())).id for _ in range(3)]
    running()
    world.log.add(succeeded(make_task()))
    assert recover.execute(START).waiting == 0
    assert executor.given == queued
    assert recover.execute(START).waiting == 0
    assert executor.given == queued * 2


def test_what_nothing_takes_stays_queued(world, recover, executor):
    queued = [world.log.add(make_experiment(make_task())).id for _ in range(3)]
    executor.takes = 1
    assert recover.execute(START).waiting == 2
    assert {world.log.get(experiment_id).status for experiment_id in queued} == {Status.QUEUED}
