"""The contract of the port ServingFleet."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone

import pytest

from adapters.sqlmodel.database import Database
from adapters.sqlmodel.serving_fleet import SqlmodelServingFleet
from application.ports.serving_fleet import ServingWorker, TakeoverFailure
from tests.contracts.processes import run_processes
from tests.fakes.clock import START
from tests.fakes.serving_fleet import InMemoryServingFleet

FULL = ServingWorker("worker Ж 'quoted'", START, {"flights": 7, "delay": 2**40}, {
    "flights": TakeoverFailure(8, "нет файла\n\"модель\" \\ \0 \udcff"), "nuclei": TakeoverFailure(1, "")})
SECOND = timedelta(seconds=1)
LONG_AGO = datetime(1, 1, 2, tzinfo=START.tzinfo)


@pytest.fixture
def fleet(database_or_none):
    return SqlmodelServingFleet(database_or_none) if database_or_none else InMemoryServingFleet()


def test_every_field_comes_back(fleet):
    assert all(getattr(FULL, item.name) for item in fields(ServingWorker))
    fleet.report(FULL)
    assert list(fleet.workers(START)) == [FULL]


def test_one_that_serves_nothing_yet(fleet):
    fleet.report(ServingWorker("a", START))
    assert list(fleet.workers(LONG_AGO)) == [ServingWorker("a", START, {}, {})]


def test_nobody_at_first(fleet):
    assert list(fleet.workers(LONG_AGO)) == []


def test_what_a_worker_says_replaces_what_it_said(fleet):
    fleet.report(FULL)
    later = ServingWorker(FULL.id, START + SECOND, {"delay": 1}, {})
    fleet.report(later)
    assert list(fleet.workers(LONG_AGO)) == [later]


def test_workers_come_by_id(fleet):
    names = ["b", "a", "Z", "я", "10", "9"]
    for name in names:
        fleet.report(ServingWorker(name, START))
    assert [worker.id for worker in fleet.workers(START)] == sorted(names)


def test_those_alone_that_said_something_since(fleet):
    for number in range(3):
        fleet.report(ServingWorker(str(number), START + number * SECOND))
    assert [worker.id for worker in fleet.workers(START + SECOND)] == ["1", "2"]
    assert [worker.id for worker in fleet.workers(START + timedelta(microseconds=1_000_001))] == ["2"]
    assert list(fleet.workers(START + 3 * SECOND)) == []


def test_moments_may_be_given_in_any_zone(fleet):
    there = timezone(timedelta(hours=-5))
    fleet.report(ServingWorker("a", START.astimezone(there)))
    assert [worker.seen_at for worker in fleet.workers(START.astimezone(there))] == [START]


def test_one_that_leaves_is_gone(fleet):
    fleet.report(FULL)
    fleet.report(replace(FULL, id="other"))
    fleet.leave(FULL.id)
    assert [worker.id for worker in fleet.workers(LONG_AGO)] == ["other"]
    for name in (FULL.id, "never there", "", "'"):
        fleet.leave(name)
    fleet.report(FULL)
    assert {worker.id for worker in fleet.workers(LONG_AGO)} == {FULL.id, "other"}


def test_what_was_last_heard_of_long_ago_is_forgotten(fleet):
    fleet.report(ServingWorker("old", START - timedelta(hours=2)))
    fleet.report(ServingWorker("new", START))
    fleet.workers(START)
    assert [worker.id for worker in fleet.workers(LONG_AGO)] == ["new"]


def test_one_of_half_an_hour_ago_is_not(fleet):
    fleet.report(ServingWorker("old", START - timedelta(minutes=30)))
    fleet.report(ServingWorker("new", START))
    assert [worker.id for worker in fleet.workers(START - timedelta(minutes=30))] == ["new", "old"]


def test_reports_by_threads_are_all_kept(fleet):
    def report(number: int) -> None:
        fleet.report(ServingWorker(str(number % 4), START + number * SECOND, {"flights": number}))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(report, range(80)))
    found = fleet.workers(LONG_AGO)
    assert [worker.id for worker in found] == list("0123")
    assert all(worker.seen_at == START + worker.generations["flights"] * SECOND for worker in found)


def report_in_a_process(url: str) -> None:
    fleet = SqlmodelServingFleet(Database(url))
    for number in range(20):
        fleet.report(ServingWorker("shared", START, {"flights": number}))


def test_reports_by_processes_make_one_worker(database, database_url):
    run_processes(report_in_a_process, database_url, times=3)
    assert SqlmodelServingFleet(database).workers(START) == [ServingWorker("shared", START, {"flights": 19})]
