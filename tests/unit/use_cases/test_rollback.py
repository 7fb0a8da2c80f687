from __future__ import annotations

import pytest

from application.ports.task_catalog import UnknownTask
from application.serving.takeover import following
from domain.errors import Conflict, ModelRejected
from tests.fakes.model_runner import linear_model
from tests.unit.serving import Service


@pytest.fixture
def service() -> Service:
    service = Service()
    for _ in range(3):
        service.deploy(service.train())
    return service


def test_to_and_fro(service):
    back = service.roll_back()
    assert (back.experiment_id, back.previous_experiment_id, back.generation, back.reason) == (2, 3, 4, "rollback")
    assert service.serving == 2
    assert service.deploy(3).generation == 5
    assert service.serving == 3
    assert service.roll_back().experiment_id == 2


def test_twice_goes_back_two_steps_and_then_there_is_nothing_before(service):
    assert [service.roll_back().experiment_id for _ in range(2)] == [2, 1]
    assert service.serving == 1
    with pytest.raises(Conflict, match="no earlier deployment"):
        service.roll_back()
    assert service.serving == 1 and len(service.deployments.history()) == 5


def test_nothing_was_deployed():
    with pytest.raises(Conflict, match="flights"):
        Service().roll_back()


def test_one_alone_was_deployed():
    service = Service()
    service.deploy(service.train())
    with pytest.raises(Conflict):
        service.roll_back()


def test_an_unknown_task(service):
    with pytest.raises(UnknownTask):
        service._rollback.execute("nope")


def test_who_deploys_meanwhile_is_not_rolled_back(service, monkeypatch):
    read = service.artifacts.read

    def interfere(path: str) -> bytes:
        monkeypatch.setattr(service.artifacts, "read", read)
        service.deployments.append("flights", lambda history: following("flights", 1, history, service.clock, "deploy"))
        return read(path)

    monkeypatch.setattr(service.artifacts, "read", interfere)
    with pytest.raises(Conflict, match="somebody else"):
        service.roll_back()
    assert service.serving == 1
    assert [item.reason for item in service.deployments.history()] == ["deploy"] * 4


def test_who_rolls_back_at_the_same_time_goes_one_step_together(service, monkeypatch):
    read = service.artifacts.read

    def interfere(path: str) -> bytes:
        monkeypatch.setattr(service.artifacts, "read", read)
        service.roll_back()
        return read(path)

    monkeypatch.setattr(service.artifacts, "read", interfere)
    with pytest.raises(Conflict):
        service.roll_back()
    assert service.serving == 2


def test_a_model_that_is_not_fit_any_more_is_not_put_back(service, monkeypatch):
    monkeypatch.setattr(service.artifacts, "read", lambda _: linear_model(service.task))
    with pytest.raises(ModelRejected):
        service.roll_back()
    monkeypatch.undo()
    assert service.serving == 3
