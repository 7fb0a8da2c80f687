"""The models of one process, and what it tells the others."""
from __future__ import annotations

import io
import threading
import time
from collections.abc import Sequence
from datetime import timedelta

import pytest

from application.ports.model_runner import ModelRunner
from application.ports.serving_fleet import ServingWorker, TakeoverFailure
from application.serving.model_registry import LEASE, ModelRegistry
from application.serving.serving_process import PATIENCE, SAYS_SO_EVERY
from domain.deployment import Deployment
from domain.errors import Busy, NothingDeployed
from domain.provenance import model_path
from tests.builders import TEMP, make_task
from tests.fakes.artifact_store import InMemoryArtifactStore
from tests.fakes.clock import START, FixedClock
from tests.fakes.deployment_log import InMemoryDeploymentLog
from tests.fakes.model_runner import linear_model
from tests.unit.serving import Service, sound_model, stamped


class Away(InMemoryDeploymentLog):
    """A log that can be away."""

    away = False

    def current_all(self) -> Sequence[Deployment]:
        if self.away:
            raise Busy("the database does not answer")
        return super().current_all()


@pytest.fixture
def service() -> Service:
    return Service()


def put(service: Service, experiment_id: int, task: str = "flights") -> Deployment:
    """A deployment that nobody waits for."""
    return service.deployments.append(task, lambda history: Deployment(
        task, experiment_id, history[0].experiment_id if history else None, len(history) + 1, START))


def test_nothing_serves_at_first(service):
    assert not service.models.all_served()
    with pytest.raises(NothingDeployed):
        service.models.current("flights")


def test_a_newer_deployment_is_swapped_in_and_who_has_the_old_model_keeps_it(service):
    put(service, service.train())
    refreshed = service.models.refresh()
    before = service.models.current("flights")
    assert refreshed.served == {"flights": before} and refreshed.failures == {}
    assert (before.experiment_id, before.generation) == (1, 1)
    put(service, service.train())
    assert service.models.current("flights") is before, "not before the refresh"
    service.models.refresh()
    after = service.models.current("flights")
    assert (after.experiment_id, after.generation) == (2, 2)
    assert before.runner.predict(service.rows()).n_rows == 8
    assert service.models.all_served()


def test_what_has_not_changed_is_not_loaded_again(service):
    put(service, service.train())
    service.models.refresh()
    runner = service.models.current("flights").runner
    service.models.refresh()
    assert service.models.current("flights").runner is runner
    put(service, 1)
    service.models.refresh()
    assert service.models.current("flights").generation == 2
    assert service.models.current("flights").runner is runner, "the same experiment, deployed again"


def test_several_deployments_at_once_end_with_the_last(service):
    for _ in range(3):
        put(service, service.train())
    service.models.refresh()
    assert service.models.current("flights").experiment_id == 3


BROKEN = {
    "no file": None,
    "truncated": sound_model(make_task())[:100],
    "no model": b"\0" * 100,
    "of another task": sound_model(make_task(name="other")),
    "without a probe": linear_model(make_task()),
}


@pytest.mark.parametrize("model", BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_loaded_leaves_the_old_model_and_says_why(service, model):
    put(service, service.train())
    service.models.refresh()
    put(service, service.train(model) if model else 77)
    for _ in range(2):
        refreshed = service.models.refresh()
        assert refreshed.failures.keys() == {"flights"}
        assert refreshed.failures["flights"].generation == 2 and refreshed.failures["flights"].reason
        assert service.models.current("flights").experiment_id == 1
    last = put(service, service.train())
    assert service.models.refresh().failures == {}
    assert service.models.current("flights").experiment_id == last.experiment_id


def test_one_broken_model_does_not_keep_other_tasks_from_theirs(service):
    other = make_task(name="zzz")
    service.tasks.add(other)
    put(service, service.train(b"broken"))
    service.artifacts.put(model_path(50), io.BytesIO(stamped(other, sound_model(other), 50)))
    put(service, 50, "zzz")
    assert service.models.refresh().failures.keys() == {"flights"}
    assert service.models.current("zzz").experiment_id == 50
    with pytest.raises(NothingDeployed):
        service.models.current("flights")


def attempts(service: Service, monkeypatch) -> list[timedelta]:
    """When, after now, the loader was asked; it goes on filling."""
    load, began, asked = service.loader.load, service.clock.now(), []

    def noted(model: bytes) -> ModelRunner:
        asked.append(service.clock.now() - began)
        return load(model)

    monkeypatch.setattr(service.loader, "load", noted)
    return asked


def refresh_for(service: Service, duration: timedelta) -> None:
    """Ten times a second; each time the failure is told."""
    for _ in range(duration // timedelta(milliseconds=100)):
        assert service.models.refresh().failures["flights"] == TakeoverFailure(1, "not JSON")
        service.clock.advance(timedelta(milliseconds=100))


def test_what_cannot_be_loaded_is_tried_again_later_and_later(service, monkeypatch):
    put(service, service.train(b"broken"))
    asked = attempts(service, monkeypatch)
    refresh_for(service, timedelta(seconds=200))
    assert [moment.total_seconds() for moment in asked] == [0, 1, 3, 7, 15, 31, 63, 123, 183]


def test_another_generation_is_tried_at_once_and_its_pauses_begin_anew(service, monkeypatch):
    number = service.train(b"broken")
    put(service, number)
    asked = attempts(service, monkeypatch)
    refresh_for(service, timedelta(seconds=10))
    del asked[:]
    put(service, number)
    for _ in range(2):
        assert service.models.refresh().failures["flights"].generation == 2
        service.clock.advance(timedelta(seconds=1))
    assert [moment.total_seconds() for moment in asked] == [10, 11]
    put(service, service.train())
    assert service.models.refresh().failures == {}


def test_a_file_that_comes_back_is_taken_over_after_the_pause(service, monkeypatch):
    put(service, 1)
    refresh = service.models.refresh
    assert refresh().failures["flights"].generation == 1
    service.train()
    assert refresh().failures["flights"].generation == 1, "not before the pause is over"
    service.clock.advance(timedelta(seconds=1))
    assert refresh().failures == {} and service.models.current("flights").generation == 1


def test_a_clock_that_is_set_back_prolongs_no_pause(service):
    put(service, 1)
    service.models.refresh()
    service.train()
    service.clock.advance(timedelta(hours=-1))
    assert service.models.refresh().failures == {}


def away(service: Service) -> tuple[ModelRegistry, Away, FixedClock]:
    """A registry that serves experiment 1, and its log, which has experiment 2 already."""
    log, clock = Away(), FixedClock()
    registry = ModelRegistry(log, service.tasks, service.artifacts, service.loader, clock)
    for weight in (0.5, -0.5):
        service.train(sound_model(service.task, {TEMP: [0.0, weight]}))
    log.append("flights", lambda _: Deployment("flights", 1, None, 1, START))
    registry.refresh()
    log.append("flights", lambda _: Deployment("flights", 2, 1, 2, START))
    return registry, log, clock


def test_while_the_database_is_away_all_models_stay(service):
    registry, log, clock = away(service)
    log.away = True
    with pytest.raises(Busy):
        registry.refresh()
    assert registry.current("flights").experiment_id == 1
    log.away = False
    registry.refresh()
    assert registry.current("flights").experiment_id == 2


def test_after_a_sleep_the_first_request_waits_for_the_next_look(service):
    registry, _, clock = away(service)
    clock.advance(LEASE + timedelta(seconds=1))
    looked = threading.Timer(0.05, registry.refresh)
    looked.start()
    assert registry.current("flights").experiment_id == 2
    looked.join()


def test_within_the_lease_nobody_waits(service):
    registry, _, clock = away(service)
    clock.advance(LEASE)
    started = time.perf_counter()
    assert registry.current("flights").experiment_id == 1
    assert time.perf_counter() - started < 0.1


def test_while_the_database_stays_away_one_request_in_a_lease_waits_and_no_other(service):
    registry, log, clock = away(service)
    log.away = True
    clock.advance(2 * LEASE)
    started = time.perf_counter()
    for _ in range(20):
        assert registry.current("flights").experiment_id == 1
    assert 0.2 < time.perf_counter() - started < 0.45


def test_requests_while_models_are_swapped_never_see_half_of_one(service):
    for _ in range(6):
        service.train()
    put(service, 1)
    service.models.refresh()
    stop, wrong = threading.Event(), []

    def ask() -> None:
        last = 0
        while not stop.is_set():
            served = service.models.current("flights")
            if served.experiment_id != served.generation or served.generation < last:
                wrong.append(served)
            last = served.generation

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for experiment_id in range(2, 7):
        put(service, experiment_id)
        service.models.refresh()
    stop.set()
    for asker in askers:
        asker.join()
    assert wrong == []


# --- and what the process says to the fleet ---

def said(service: Service) -> list[ServingWorker]:
    return list(service.fleet.workers(service.clock.now() - PATIENCE))


def test_a_process_says_what_it_serves(service):
    assert said(service)[0].generations == {}
    put(service, service.train())
    service.process.beat()
    assert [worker.generations for worker in said(service)] == [{"flights": 1}]


def test_it_says_what_it_could_not_take_over_until_it_can(service):
    put(service, service.train())
    put(service, service.train(b"broken"))
    service.process.beat()
    assert said(service)[0].failures == {"flights": TakeoverFailure(2, "not JSON")}
    put(service, service.train())
    service.process.beat()
    assert (said(service)[0].generations, said(service)[0].failures) == ({"flights": 3}, {})


def test_what_is_new_is_said_at_once_and_the_rest_once_a_second(service):
    moments = []
    for _ in range(25):
        service.clock.advance(timedelta(milliseconds=100))
        service.process.beat()
        moments.append(said(service)[0].seen_at)
    assert [moment - START for moment in dict.fromkeys(moments)] == [
        timedelta(0), SAYS_SO_EVERY, 2 * SAYS_SO_EVERY]
    service.clock.advance(timedelta(milliseconds=10))
    put(service, service.train())
    service.process.beat()
    assert said(service)[0].seen_at == service.clock.now()


def test_a_clock_that_was_set_back_does_not_silence_it(service):
    put(service, service.train())
    service.process.beat()
    before = said(service)[0].seen_at
    service.clock.advance(-timedelta(hours=1))
    service.process.beat()
    assert service.fleet.workers(before - timedelta(hours=2))[0].seen_at == service.clock.now()


def test_it_says_that_it_lives_while_it_loads(service):
    put(service, service.train())
    service.process.beat()
    service.clock.advance(PATIENCE - timedelta(seconds=1))
    service.process.say_alive()
    service.clock.advance(timedelta(seconds=2))
    assert [worker.generations for worker in said(service)] == [{"flights": 1}]


def test_it_says_nothing_before_its_first_beat_and_nothing_after_it_left(service):
    service.process.leave()
    assert said(service) == []
    models, process = service.start()
    process.leave()
    assert said(service) == []


def test_a_word_that_did_not_get_through_is_said_again(service, monkeypatch):
    put(service, service.train())
    with monkeypatch.context() as patch:
        patch.setattr(service.fleet, "report", lambda _: (_ for _ in ()).throw(Busy("away")))
        with pytest.raises(Busy):
            service.process.beat()
    service.process.beat()
    assert said(service)[0].generations == {"flights": 1}


def test_each_process_has_a_name_of_its_own(service):
    service.start()
    service.start()
    assert len({worker.id for worker in said(service)}) == 3


def test_a_broken_candidate_keeps_no_process_that_begins_from_what_serves(service):
    service.deploy(service.train())
    candidate = service.train()
    service.roll_out(candidate)
    artifacts = InMemoryArtifactStore()
    artifacts.put(model_path(1), io.BytesIO(service.artifacts.read(model_path(1))))
    models, process = service.start(artifacts)
    served = models.current("flights")
    assert (served.experiment_id, served.candidate, served.generation) == (1, None, 0)
    assert f"{candidate}" in models.failures()["flights"].reason
    assert service.models.current("flights").candidate is not None, "who had loaded it goes on with it"
    artifacts.put(model_path(candidate), io.BytesIO(service.artifacts.read(model_path(candidate))))
    service.clock.advance(timedelta(seconds=60))
    process.beat()
    whole = models.current("flights")
    assert (whole.experiment_id, whole.candidate.model.experiment_id, whole.generation) == (1, candidate, 2)
    assert whole.runner is served.runner and models.failures() == {}
