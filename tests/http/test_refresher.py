"""The threads that keep a process in step."""
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from adapters.sqlmodel.database import DatabaseUnavailable
from entrypoints.http.refresher import Refresher
from tests.unit.serving import Service
from tests.unit.test_model_registry import put

NEVER_S, AT_ONCE_S = 3_600.0, 0.001


@pytest.fixture
def service() -> Service:
    service = Service()
    service.process.leave()
    put(service, service.train())
    return service


def within(is_so, patience_s: float = 10.0) -> bool:
    deadline = time.monotonic() + patience_s
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.001)
    return is_so()


@pytest.fixture
def started() -> Iterator[Callable[[Service, float], Refresher]]:
    made: list[Refresher] = []

    def start(service: Service, period_s: float) -> Refresher:
        made.append(Refresher(service.process, period_s))
        made[-1].start()
        return made[-1]

    yield start
    for refresher in made:
        refresher.stop()


def test_what_is_deployed_is_loaded_before_it_starts_and_said(service, started):
    started(service, NEVER_S)
    assert service.models.current("flights").experiment_id == 1
    assert [worker.generations for worker in service.fleet.workers(service.clock.now())] == [{"flights": 1}]


def test_it_starts_while_the_database_is_away_and_takes_its_models_when_it_is_back(service):
    tries = iter(range(100))

    def prepare() -> None:
        if next(tries) < 4:
            raise DatabaseUnavailable("the database does not answer")

    refresher = Refresher(service.process, AT_ONCE_S, prepare)
    refresher.start()
    try:
        assert within(lambda: service.models.all_served())
        assert next(tries) == 5, "it is prepared once"
    finally:
        refresher.stop()


def test_it_looks_again_and_says_goodbye(service, started):
    refresher = started(service, AT_ONCE_S)
    put(service, service.train())
    assert within(lambda: service.models.current("flights").experiment_id == 2)
    refresher.stop()
    assert service.fleet.workers(service.clock.now()) == []


def test_it_settles_when_other_models_are_loaded_and_only_then(service):
    settled: list[int] = []
    refresher = Refresher(service.process, NEVER_S, settle=lambda: settled.append(
        service.models.current("flights").experiment_id))
    refresher.start()
    refresher._beat()
    assert settled == [1]
    put(service, service.train())
    refresher._beat()
    refresher._beat()
    refresher.stop()
    assert settled == [1, 2]


def test_what_was_deployed_while_the_first_model_was_loaded_is_not_missed(service, started, monkeypatch):
    """Whoever deployed then did not know of this process and did not wait for it."""
    second, load = service.train(), service.loader.load

    def interrupted(model: bytes):
        monkeypatch.setattr(service.loader, "load", load)
        assert service.fleet.workers(service.clock.now()) == []
        put(service, second)
        return load(model)

    monkeypatch.setattr(service.loader, "load", interrupted)
    started(service, NEVER_S)
    assert service.models.current("flights").experiment_id == second


def test_while_a_model_is_loaded_the_process_says_that_it_lives(service, started, monkeypatch):
    started(service, AT_ONCE_S)
    loading, go_on, load = threading.Event(), threading.Event(), service.loader.load

    def slow(model: bytes):
        loading.set()
        assert go_on.wait(20)
        return load(model)

    monkeypatch.setattr(service.loader, "load", slow)
    put(service, service.train())
    assert loading.wait(20)
    service.clock.advance(timedelta(minutes=1))
    assert within(lambda: [worker.generations for worker in service.fleet.workers(service.clock.now())] == [
        {"flights": 1}])
    go_on.set()
    assert within(lambda: [worker.generations for worker in service.fleet.workers(service.clock.now())] == [
        {"flights": 2}])


def test_whatever_goes_wrong_is_told_once_and_it_goes_on(service, started, monkeypatch, caplog):
    started(service, AT_ONCE_S)
    broken = put(service, service.train(b"broken"))
    assert within(lambda: "not JSON" in caplog.text)
    with monkeypatch.context() as patch:
        patch.setattr(service.deployments, "current_all", lambda: 1 / 0)
        assert within(lambda: "division" in caplog.text)
    put(service, service.train())
    assert within(lambda: service.models.current("flights").generation == broken.generation + 1)
    assert len([record for record in caplog.records if "not JSON" in record.getMessage()]) <= 2
