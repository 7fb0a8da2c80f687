"""Can the service serve, and what should somebody look at."""
from __future__ import annotations

from datetime import timedelta

import pytest

from application.ports.serving_fleet import TakeoverFailure
from application.ports.serving_models import ServedModel
from application.queries.what_is_ready import WhatIsReady
from domain.readiness import Dependency, Health, TaskReadiness
from tests.builders import make_task
from tests.fakes.clock import FixedClock
from tests.fakes.disk import InMemoryDisk
from tests.fakes.model_runner import LinearModelLoader, linear_model
from tests.fakes.serving_models import InMemoryServingModels
from tests.fakes.storage import InMemoryStorage
from tests.fakes.task_catalog import InMemoryTaskCatalog

FLIGHTS = make_task()


class World:
    def __init__(self, *served: ServedModel) -> None:
        self.storage, self.disk, self.clock = InMemoryStorage(), InMemoryDisk(), FixedClock()
        self.models = InMemoryServingModels(InMemoryTaskCatalog(FLIGHTS), *served)
        self.storage.migrate()
        self.query = WhatIsReady(self.storage, self.disk, self.models, self.clock, min_disk_bytes=256 << 20)

    def dependency(self, name: str) -> Dependency:
        return next(one for one in self.query.execute().dependencies if one.name == name)


@pytest.fixture
def world() -> World:
    return World(ServedModel(FLIGHTS, 7, 3, LinearModelLoader().load(linear_model(FLIGHTS))))


def test_all_is_well(world):
    found = world.query.execute()
    assert (found.reasons, found.warnings) == ([], [])
    assert found.dependencies == [Dependency("database", Health.OK),
                                  Dependency("disk of PROGON_HOME", Health.OK, "", 1 << 40)]
    assert found.tasks == [TaskReadiness("flights", Health.OK, 7)]


@pytest.mark.parametrize(("wrong", "words"), [
    ({"answers": False}, "the database does not answer"), ({"writable": False}, "the database is read-only")])
def test_a_database_in_its_own_words_until_the_cause_is_gone(world, wrong, words):
    vars(world.storage).update(wrong)
    assert world.dependency("database") == Dependency("database", Health.FAILED, words)
    assert world.query.execute().reasons == [words]
    vars(world.storage).update(answers=True, writable=True)
    assert world.query.execute().reasons == []


def test_whether_it_can_be_written_is_tried_once_a_second(world):
    assert world.query.execute().reasons == []
    world.storage.writable = False
    assert world.query.execute().reasons == []
    world.clock.advance(timedelta(seconds=1))
    for _ in range(2):
        assert world.query.execute().reasons == ["the database is read-only"]
    world.storage.writable = True
    assert world.query.execute().reasons == [], "what failed is tried again at once"
    world.clock.advance(timedelta(hours=-1))
    world.storage.writable = False
    assert world.query.execute().reasons, "a clock that was set back holds nothing up"


def test_a_disk_that_is_nearly_full_is_told_and_keeps_nothing_from_being_served(world):
    world.disk.free_bytes = (256 << 20) - 1
    found = world.query.execute()
    assert (found.reasons, found.warnings) == ([], ["the disk of PROGON_HOME has less than 256 MiB left"])
    assert found.dependencies[1].health is Health.DEGRADED
    world.disk.free_bytes = 256 << 20
    assert world.query.execute().warnings == []


def test_a_disk_that_takes_nothing(world):
    world.disk.full = True
    assert "No space left" in world.query.execute().reasons[0]
    assert world.dependency("disk of PROGON_HOME").health is Health.FAILED


def test_a_newer_model_that_cannot_be_loaded(world):
    world.models.fail("flights", TakeoverFailure(4, "no such file"))
    found = world.query.execute()
    assert (found.reasons, found.tasks[0].health, found.tasks[0].experiment_id) == ([], Health.DEGRADED, 7)
    assert found.warnings == ["flights: experiment 7 goes on serving, as what was deployed after it cannot be loaded: "
                              "no such file"]


def test_one_broken_model_keeps_no_other_from_being_served(world):
    world.models.fail("nuclei", TakeoverFailure(1, "no such file"))
    found = world.query.execute()
    assert (found.reasons, found.warnings) == ([], ["nuclei: its model cannot be loaded: no such file"])
    assert found.tasks[1] == TaskReadiness("nuclei", Health.FAILED, None, "its model cannot be loaded: no such file")


def test_no_model_at_all():
    world = World()
    assert world.query.execute().reasons == ["no model is deployed"]
    world.models.fail("flights", TakeoverFailure(1, "no such file"))
    assert world.query.execute().reasons == ["none of the models that are deployed can be loaded"]
