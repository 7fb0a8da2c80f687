from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from application.decorators.task_catalog import OUTAGE_PAUSE, RememberedTasks
from domain.errors import Busy
from tests.builders import make_task
from tests.fakes.clock import FixedClock
from tests.fakes.task_catalog import InMemoryTaskCatalog

SECOND = timedelta(seconds=1)


class Counting(InMemoryTaskCatalog):
    asked, away = 0, False
    clock: FixedClock

    def all(self):
        self.asked += 1
        if self.away:
            self.clock.sleep(2 * OUTAGE_PAUSE)
            raise Busy("the database does not answer")
        return super().all()


@pytest.fixture
def world():
    catalog, clock = Counting(make_task()), FixedClock()
    catalog.clock = clock
    return catalog, clock, RememberedTasks(catalog, clock, SECOND)


def test_the_list_is_asked_for_now_and_then(world):
    catalog, clock, tasks = world
    assert [task.name for task in tasks.all()] == ["flights"] == [task.name for task in tasks.all()]
    assert catalog.asked == 1
    catalog.add(make_task(name="other"))
    clock.sleep(2 * SECOND)
    assert len(tasks.all()) == 2


def test_while_the_catalog_is_away_the_last_list_stands_and_it_is_seldom_asked(world):
    catalog, clock, tasks = world
    tasks.all()
    catalog.away = True
    clock.sleep(2 * SECOND)
    for _ in range(10):
        assert [task.name for task in tasks.all()] == ["flights"]
    assert catalog.asked == 2
    clock.sleep(OUTAGE_PAUSE + 2 * SECOND)
    catalog.away = False
    tasks.all()
    assert catalog.asked == 3


def test_without_a_list_an_outage_comes_out(world):
    catalog, _, tasks = world
    catalog.away = True
    with pytest.raises(Busy):
        tasks.all()


def test_while_the_catalog_is_away_a_task_stays_as_it_was_read(world):
    catalog, clock, tasks = world
    known, looks = tasks.get("flights"), 0

    def away(name, schema_version=None):
        nonlocal looks
        looks += 1
        raise Busy("the database does not answer")

    catalog.get = away
    assert all(tasks.get("flights") == known for _ in range(10))
    assert looks == 1, "the asking may take its time"
    with pytest.raises(Busy):
        tasks.get("other")
    clock.sleep(2 * OUTAGE_PAUSE)
    del catalog.get
    catalog.change("flights", lambda task: replace(task, description="new"))
    assert tasks.get("flights").description == "new"
