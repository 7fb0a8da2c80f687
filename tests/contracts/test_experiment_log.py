"""The contract of the port ExperimentLog."""
from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.experiment_log import SqlmodelExperimentLog
from application.decorators.experiment_log import PatientExperimentLog
from application.ports.experiment_log import ExperimentLog, UnknownExperiment
from domain.errors import IllegalTransition
from domain.experiment import Experiment, Origin, Progress, Status
from domain.search import Search, Trial
from tests.contracts.processes import run_processes
from tests.fakes.clock import FixedClock
from tests.fakes.experiment_log import InMemoryExperimentLog

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
NEW = Experiment(0, "flights", "first", 3, "abc123", NOW, {"depth": 4, "learning_rate": 0.1})
FULL = Experiment(
    id=0, task="flights", name="Опыт \U0001f680 'quoted' \"twice\"\n", dataset_version=7, commit_hash="f" * 40,
    created_at=NOW, params={"depth": 6, "learning_rate": 0.1, "names": ["a", None], "nested": {"deep": True}},
    status=Status.RUNNING, progress=Progress(0.3, "train", 30, 100, 0.1 + 0.2), started_at=NOW + timedelta(seconds=1),
    finished_at=NOW + timedelta(seconds=2), heartbeat_at=NOW + timedelta(microseconds=1), cancel_requested=True,
    metrics={"train": {"auc": 0.1 + 0.2}, "test": {"auc": 1e-300, "logloss": math.inf}}, error="кончилась память",
    from_cache=True, schema_version=5, origin=Origin.IMPORTED,
    tags=("большой", "b"), note="до\nпосле", pinned=True, archived=True,
    source={"notes": ["вход x"], "mapping": {"labels": [0, 1]}}, parent=3,
    search=Search("auc", ({}, {"depth": 4}), 60.0, (Trial(7, {"depth": 4}, "failed"), Trial(8, {}, "succeeded", 0.1)),
                  "60 s were over"))
HOSTILE_IDS = [0, -1, 2, 2**31, 2**63, 10**30, -10**30]


@pytest.fixture(params=["as it is", "PatientExperimentLog"])
def log(request, database_or_none) -> ExperimentLog:
    log = SqlmodelExperimentLog(database_or_none) if database_or_none else InMemoryExperimentLog()
    patient = request.param == PatientExperimentLog.__name__
    return PatientExperimentLog(log, FixedClock(), timedelta(seconds=60)) if patient else log


def test_every_field_comes_back(log):
    untried = [item.name for item in fields(Experiment) if getattr(FULL, item.name) == getattr(NEW, item.name)]
    assert untried == ["id", "task", "created_at"]
    added = log.add(FULL)
    assert added == replace(FULL, id=added.id)
    assert log.get(added.id) == added
    assert list(log.list()) == [added]


def test_missing_values_come_back(log):
    added = log.add(NEW)
    assert log.get(added.id) == replace(NEW, id=added.id)


def test_moments_come_back_in_utc(log):
    there = NEW.created_at.astimezone(timezone(timedelta(hours=-5)))
    moment = log.get(log.add(replace(NEW, created_at=there)).id).created_at
    assert moment == NOW


def test_nan_comes_back(log):
    added = log.add(replace(NEW, metrics={"test": {"auc": math.nan, "f1": -math.inf}}))
    metrics = log.get(added.id).metrics["test"]
    assert math.isnan(metrics["auc"]) and metrics["f1"] == -math.inf


def test_any_last_words_can_be_kept(log):
    for error in ("died\0", "bytes \udcff that are no text", "x" * 1_000_000):
        added = log.add(NEW)
        log.update(added.id, lambda old, error=error: old.fail(NOW, error))
        assert log.get(added.id).status is Status.FAILED
        assert len(log.get(added.id).error) == len(error)


def test_ids_grow(log):
    ids = [log.add(NEW).id for _ in range(5)]
    assert ids == sorted(set(ids)) and ids[0] > 0


def test_an_unknown_experiment(log):
    log.add(NEW)
    for experiment_id in HOSTILE_IDS:
        with pytest.raises(UnknownExperiment):
            log.get(experiment_id)
        with pytest.raises(UnknownExperiment):
            log.update(experiment_id, lambda old: old)


def test_update_returns_and_keeps_the_decision(log):
    added = log.add(NEW)
    updated = log.update(added.id, lambda old: old.start(NOW))
    assert updated == replace(added, status=Status.RUNNING, started_at=NOW, heartbeat_at=NOW)
    assert log.get(added.id) == updated


def test_a_decision_that_raises_changes_nothing(log):
    added = log.add(NEW)
    with pytest.raises(IllegalTransition):
        log.update(added.id, lambda old: old.succeed(NOW, {}, from_cache=False))
    with pytest.raises(ZeroDivisionError):
        log.update(added.id, lambda old: 1 / 0)
    assert log.get(added.id) == added


def test_a_decision_may_look_at_other_experiments(log):
    first, second = log.add(NEW), log.add(NEW)
    updated = log.update(second.id, lambda old: replace(old, name=f"after {log.get(first.id).name}"))
    assert updated.name == "after first"


def test_the_list_is_newest_first_and_filtered(log):
    ids = [log.add(replace(NEW, task=task, status=status)).id for task, status in [
        ("a", Status.QUEUED), ("b", Status.RUNNING), ("a", Status.RUNNING), ("a", Status.FAILED)]]

    def listed(**filters) -> list[int]:
        return [ids.index(experiment.id) for experiment in log.list(**filters)]

    assert listed() == [3, 2, 1, 0]
    assert listed(task="a") == [3, 2, 0]
    assert listed(statuses={Status.RUNNING}) == [2, 1]
    assert listed(statuses=[Status.RUNNING, Status.FAILED], task="a") == [3, 2]
    assert listed(limit=2) == [3, 2]
    assert listed(before=ids[2]) == [1, 0]
    assert listed(before=ids[2], task="a", limit=1) == [0]
    assert listed(task="nobody") == []
    assert listed(limit=0) == []
    for number, marks in ((0, {"archived": True}), (1, {"pinned": True}), (3, {"archived": True, "pinned": True})):
        log.update(ids[number], lambda old, marks=marks: replace(old, **marks))
    assert listed(archived=True) == [3, 0] and listed(archived=False) == [2, 1]
    assert listed(pinned=True) == [3, 1] and listed(pinned=True, archived=False, task="b") == [1]


def test_any_number_may_be_asked_for(log):
    added = log.add(NEW)
    for number in HOSTILE_IDS:
        assert list(log.list(before=number)) == ([added] if number > added.id else [])
        assert list(log.list(limit=number)) == ([added] if number > 0 else [])


def test_any_task_may_be_asked_for(log):
    log.add(NEW)
    for task in ("", "\0", "\ud800", "'"):
        assert list(log.list(task=task)) == []


def count_up(old: Experiment) -> Experiment:
    return replace(old, dataset_version=old.dataset_version + 1)


def test_updates_by_threads_are_all_kept(log):
    added = log.add(replace(NEW, dataset_version=0))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: log.update(added.id, count_up), range(80)))
    assert log.get(added.id).dataset_version == 80


def test_experiments_added_by_threads_have_ids_of_their_own(log):
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: log.add(NEW).id, range(80)))
    assert len(set(ids)) == 80


def count_in_a_process(url: str, experiment_id: str) -> None:
    log = SqlmodelExperimentLog(Database(url))
    for _ in range(25):
        log.update(int(experiment_id), count_up)


def test_updates_by_processes_are_all_kept(database, database_url):
    log = SqlmodelExperimentLog(database)
    added = log.add(replace(NEW, dataset_version=0))
    run_processes(count_in_a_process, database_url, str(added.id), times=3)
    assert log.get(added.id).dataset_version == 75


def test_one_is_removed_and_its_id_is_not_given_again(log):
    first, second = log.add(NEW), log.add(FULL)
    assert log.remove(second.id, lambda _: None) == second
    with pytest.raises(UnknownExperiment):
        log.get(second.id)
    assert list(log.list()) == [first]
    assert log.add(NEW).id > second.id
    for number in (second.id, *HOSTILE_IDS[:2]):
        with pytest.raises(UnknownExperiment):
            log.remove(number, lambda _: None)


def test_a_decision_may_keep_it(log):
    added = log.add(NEW)

    def refuse(experiment: Experiment) -> None:
        assert experiment == added
        raise IllegalTransition("it stays")

    with pytest.raises(IllegalTransition, match="it stays"):
        log.remove(added.id, refuse)
    assert log.get(added.id) == added
