"""A deployment counts once every process answers with it."""
from __future__ import annotations

from datetime import timedelta

import pytest

from application.ports.serving_fleet import ServingWorker, TakeoverFailure
from application.serving.serving_process import PATIENCE
from application.serving.takeover import DEADLINE, RolloutFailed, following
from tests.unit.serving import Service


@pytest.fixture
def service() -> Service:
    return Service()


def roll_out(service: Service, experiment_id: int):
    return service.takeover.execute("flights", lambda history: following(
        "flights", experiment_id, history, service.clock, "deploy"))


def reasons(service: Service) -> list[tuple[int, str]]:
    """Oldest first."""
    return [(item.experiment_id, item.reason) for item in reversed(service.deployments.history())]


def say(service: Service, generation: int, failures: dict | None = None, worker: str = "another"):
    service.fleet.report(ServingWorker(worker, service.clock.now(), {"flights": generation}, failures or {}))


def test_without_any_process_it_counts_at_once(service):
    service.process.leave()
    service.hang(service.process)
    started = service.clock.now()
    assert roll_out(service, service.train()).generation == 1
    assert service.clock.now() == started


def test_it_waits_for_every_living_process(service):
    registries = [service.models, *(service.start()[0] for _ in range(3))]
    first, second = service.train(), service.train()
    for experiment_id in (first, second):
        roll_out(service, experiment_id)
        assert [models.current("flights").experiment_id for models in registries] == [experiment_id] * 4


def test_it_waits_for_one_that_lags(service):
    _, slow = service.start()
    service.hang(slow)
    woken_at = service.clock.now() + timedelta(seconds=4)

    def beat_late() -> None:
        slow.beat() if service.clock.now() >= woken_at else slow.say_alive()

    service.clock.meanwhile.append(beat_late)
    roll_out(service, service.train())
    assert service.clock.now() >= woken_at


def test_one_that_loads_for_longer_than_others_are_patient_is_waited_for(service):
    say(service, 0)
    woken_at = service.clock.now() + 3 * PATIENCE

    def work() -> None:
        say(service, 0 if service.clock.now() < woken_at else 1)

    service.clock.meanwhile.append(work)
    roll_out(service, service.train())
    assert service.clock.now() >= woken_at


def test_a_dead_one_is_not_waited_for_longer_than_patience(service):
    say(service, 0)
    started = service.clock.now()
    roll_out(service, service.train())
    assert PATIENCE <= service.clock.now() - started < PATIENCE + timedelta(seconds=1)


def test_a_dead_one_is_waited_for_once(service):
    say(service, 0)
    first, second = service.train(), service.train()
    roll_out(service, first)
    started = service.clock.now()
    roll_out(service, second)
    assert service.clock.now() - started < timedelta(seconds=1)


def test_one_that_only_slept_is_waited_for_again_when_it_wakes(service):
    say(service, 0)
    first, second = service.train(), service.train()
    roll_out(service, first)
    say(service, 1)
    started = service.clock.now()
    roll_out(service, second)
    assert service.clock.now() - started >= PATIENCE


def test_the_clock_of_one_that_died_was_ahead(service):
    service.fleet.report(ServingWorker("another", service.clock.now() + timedelta(hours=1), {"flights": 0}))
    started = service.clock.now()
    roll_out(service, service.train())
    assert PATIENCE <= service.clock.now() - started < PATIENCE + timedelta(seconds=1)


@pytest.mark.parametrize("behind", [timedelta(days=1), timedelta(seconds=10), -timedelta(days=1)])
def test_one_whose_clock_is_another_is_waited_for(service, behind):
    woken_at = service.clock.now() + 2 * PATIENCE

    def work() -> None:
        service.fleet.report(ServingWorker("another", service.clock.now() - behind, {
            "flights": 0 if service.clock.now() < woken_at else 1}))

    work()
    service.clock.meanwhile.append(work)
    roll_out(service, service.train())
    assert service.clock.now() >= woken_at


@pytest.mark.parametrize("by", [timedelta(days=1), -timedelta(days=1)])
def test_the_clock_is_set_while_one_lags(service, by):
    first, second = service.train(), service.train()
    roll_out(service, first)
    looks = 0

    def work() -> None:
        nonlocal looks
        looks += 1
        if looks == 20:
            service.clock.advance(by)
        say(service, 1 if looks < 60 else 2)

    say(service, 1)
    service.clock.meanwhile.append(work)
    roll_out(service, second)
    assert looks == 60 and service.serving == second


def test_one_that_has_a_later_deployment_already_is_not_behind(service):
    say(service, 7)
    roll_out(service, service.train())
    assert reasons(service) == [(1, "deploy")]


def test_what_other_tasks_serve_does_not_count(service):
    service.fleet.report(ServingWorker("another", service.clock.now(), {"other": 99}, {}))
    service.clock.meanwhile.append(lambda: say(service, 1))
    started = service.clock.now()
    roll_out(service, service.train())
    assert service.clock.now() > started


def test_a_failure_takes_the_deployment_back_with_its_reason(service):
    first, second = service.train(), service.train()
    roll_out(service, first)
    other, _ = service.start()
    say(service, 1)

    def refuse() -> None:
        current = service.deployments.current("flights")
        if current.experiment_id == second:
            say(service, 1, {"flights": TakeoverFailure(current.generation, "the disk is full")})
        else:
            say(service, current.generation)

    service.clock.meanwhile.append(refuse)
    with pytest.raises(RolloutFailed, match=f"experiment {second} was not taken over: the disk is full"):
        roll_out(service, second)
    assert reasons(service) == [(first, "deploy"), (second, "deploy"), (first, "taken back")]
    assert service.deployments.current("flights").generation == 3
    # It has been waited for: nobody answers with the failed one any more.
    assert [models.current("flights").experiment_id for models in (service.models, other)] == [first, first]


def test_the_failure_of_an_earlier_deployment_is_not_held_against_a_later_one(service):
    first, second = service.train(), service.train()
    roll_out(service, first)
    say(service, 1, {"flights": TakeoverFailure(1, "an old story")})
    service.clock.meanwhile.append(lambda: say(service, 2))
    assert roll_out(service, second).generation == 2


def test_after_the_deadline_it_is_taken_back(service):
    first, second = service.train(), service.train()
    roll_out(service, first)
    service.clock.meanwhile.append(lambda: say(service, 1))
    say(service, 1)
    started = service.clock.now()
    with pytest.raises(RolloutFailed, match="did not answer in time"):
        roll_out(service, second)
    assert service.clock.now() - started > DEADLINE
    assert service.serving == first


def test_a_first_deployment_that_fails_cannot_be_taken_back(service):
    say(service, 0, {"flights": TakeoverFailure(1, "no memory")})
    with pytest.raises(RolloutFailed, match="no memory"):
        roll_out(service, service.train())
    assert reasons(service) == [(1, "deploy")]


def test_what_somebody_else_deployed_meanwhile_is_not_taken_back(service):
    first, second, third = service.train(), service.train(), service.train()
    roll_out(service, first)
    say(service, 1)

    def interfere() -> None:
        service.clock.meanwhile.remove(interfere)
        service.deployments.append("flights", lambda history: following(
            "flights", third, history, service.clock, "deploy"))
        say(service, 1, {"flights": TakeoverFailure(2, "it came too early")})

    service.clock.meanwhile.append(interfere)
    with pytest.raises(RolloutFailed, match="it came too early"):
        roll_out(service, second)
    assert reasons(service) == [(first, "deploy"), (second, "deploy"), (third, "deploy")]


def test_what_the_decision_raises_comes_out_and_nothing_is_written(service):
    with pytest.raises(ZeroDivisionError):
        service.takeover.execute("flights", lambda history: 1 / 0)
    assert reasons(service) == []
