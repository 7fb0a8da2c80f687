"""The contract of the port DeploymentLog."""
from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.deployment_log import SqlmodelDeploymentLog
from domain.deployment import REMOVED, Deployment
from domain.errors import Conflict, NothingDeployed
from domain.rollout import Rollout, RolloutRole
from tests.contracts.processes import run_processes
from tests.fakes.deployment_log import InMemoryDeploymentLog

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)


@pytest.fixture
def log(database_or_none):
    return SqlmodelDeploymentLog(database_or_none) if database_or_none else InMemoryDeploymentLog()


def deploying(experiment_id: int, task: str = "flights"):
    def decide(history: Sequence[Deployment]) -> Deployment:
        before = history[0] if history else None
        return Deployment(
            task, experiment_id, before and before.experiment_id, before.generation + 1 if before else 1, NOW)
    return decide


def test_every_field_comes_back(log):
    deployment = Deployment("flights", 7, 5, 3, NOW, "rollback")
    assert log.append("flights", lambda history: deployment) == deployment
    assert log.current("flights") == deployment
    assert list(log.history("flights")) == [deployment]


@pytest.mark.parametrize("rollout", [
    Rollout(8, RolloutRole.CANARY, 0.1, NOW, "пол", 0.25), Rollout(8, RolloutRole.SHADOW, 1.0, NOW)])
def test_the_candidate_and_the_threshold_come_back(log, rollout):
    deployment = Deployment("flights", 7, 7, 3, NOW, "canary", "anna", 0.3, rollout)
    log.append("flights", lambda history: deployment)
    assert log.current("flights") == deployment and list(log.current_all()) == [deployment]
    seen = []
    log.append("flights", lambda history: seen.extend(history) or Deployment("flights", 7, 7, 4, NOW, "abort"))
    assert seen == [deployment] and log.current("flights").rollout is None


def test_nothing_is_deployed_at_first(log):
    assert log.current("flights") is None
    assert list(log.current_all()) == []
    assert list(log.history()) == []
    assert log.append("flights", deploying(1)).previous_experiment_id is None


def test_the_decision_sees_the_history_of_its_task_newest_first(log):
    log.append("other", deploying(9, "other"))
    for experiment_id in (1, 2, 3):
        log.append("flights", deploying(experiment_id))
    seen = []

    def decide(history: Sequence[Deployment]) -> Deployment:
        seen.extend(history)
        return deploying(4)(history)

    log.append("flights", decide)
    assert [deployment.experiment_id for deployment in seen] == [3, 2, 1]
    assert log.current("flights") == Deployment("flights", 4, 3, 4, NOW)


def test_histories_are_newest_first(log):
    log.append("b", deploying(1, "b"))
    log.append("a", deploying(2, "a"))
    log.append("b", deploying(3, "b"))
    assert [deployment.experiment_id for deployment in log.history()] == [3, 2, 1]
    assert [deployment.experiment_id for deployment in log.history("b")] == [3, 1]
    assert [deployment.experiment_id for deployment in log.history(limit=1)] == [3]
    assert list(log.history("nobody")) == []


def test_what_serves_is_listed_by_task(log):
    for task, experiment_id in [("b", 1), ("a_b", 2), ("ab", 3), ("b", 4)]:
        log.append(task, deploying(experiment_id, task))
    current = [(deployment.task, deployment.experiment_id) for deployment in log.current_all()]
    assert current == [("a_b", 2), ("ab", 3), ("b", 4)]


def test_a_decision_that_raises_adds_nothing(log):
    def refuse(history: Sequence[Deployment]) -> Deployment:
        raise NothingDeployed("there is nothing to roll back to")

    log.append("flights", deploying(1))
    with pytest.raises(NothingDeployed):
        log.append("flights", refuse)
    assert len(log.history()) == 1


def test_a_generation_is_given_once(log):
    first = log.append("flights", deploying(1))
    with pytest.raises(Conflict):
        log.append("flights", lambda history: first)
    assert list(log.history()) == [first]


def test_the_decision_may_look_at_the_log(log):
    log.append("flights", deploying(1))
    added = log.append("flights", lambda history: deploying(log.current("flights").experiment_id + 1)(history))
    assert added.experiment_id == 2


def test_any_task_may_be_asked_for(log):
    for task in ("", "\0", "\ud800", "'"):
        assert log.current(task) is None
        assert list(log.history(task)) == []


def test_any_limit_may_be_asked_for(log):
    log.append("flights", deploying(1))
    for limit in (-1, 0, 2**31, 10**30):
        assert len(log.history(limit=limit)) == (limit > 0)


def is_a_chain(deployments: Sequence[Deployment]) -> bool:
    """Each one follows the one before, with no gap."""
    oldest_first = list(reversed(deployments))
    return [item.generation for item in oldest_first] == list(range(1, len(oldest_first) + 1)) and all(
        later.previous_experiment_id == earlier.experiment_id
        for earlier, later in zip(oldest_first, oldest_first[1:]))


def test_deployments_by_threads_make_one_chain(log):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: log.append("flights", deploying(number)), range(1, 61)))
    history = log.history("flights")
    assert len(history) == 60 and is_a_chain(history)


def deploy_in_a_process(url: str) -> None:
    log = SqlmodelDeploymentLog(Database(url))
    for number in range(20):
        log.append("flights", deploying(number))


def test_deployments_by_processes_make_one_chain(database, database_url):
    run_processes(deploy_in_a_process, database_url, times=3)
    history = SqlmodelDeploymentLog(database).history("flights")
    assert len(history) == 60 and is_a_chain(history)


def test_a_removal_ends_the_history_of_a_task_but_not_that_of_all(log):
    log.append("flights", deploying(1))
    log.append("other", deploying(2, "other"))
    removal = Deployment("flights", 1, 1, 2, NOW, REMOVED)
    log.append("flights", lambda _: removal)
    assert log.current("flights") is None and list(log.history("flights")) == []
    assert [deployment.task for deployment in log.current_all()] == ["other"]
    assert [deployment.reason for deployment in log.history()] == [REMOVED, "deploy", "deploy"]
    seen = []
    again = log.append("flights", lambda history: seen.extend(history) or Deployment("flights", 3, None, 3, NOW))
    assert [deployment.generation for deployment in seen] == [2, 1]
    assert log.current("flights") == again and list(log.history("flights")) == [again]
    assert {deployment.task: deployment.generation for deployment in log.current_all()} == {"flights": 3, "other": 1}
