from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from application.ports.experiment_mirror import MirrorRefused, MirrorUnavailable
from application.serving.wanted import NobodyWaits, gone
from application.use_cases.mirror_experiments import MirrorExperiments
from tests.builders import make_experiment, make_task, succeeded
from tests.fakes.artifact_store import InMemoryArtifactStore
from tests.fakes.clock import START
from tests.fakes.experiment_log import InMemoryExperimentLog
from tests.fakes.experiment_mirror import InMemoryExperimentMirror

TASK = make_task(name="flights")
CURVE = [{"iteration": 1, "part": "valid", "logloss": 0.5}]


class World:
    def __init__(self) -> None:
        self.log, self.artifacts = InMemoryExperimentLog(), InMemoryArtifactStore()
        self.mirror = InMemoryExperimentMirror()
        self.use_case = MirrorExperiments(self.log, self.artifacts, self.mirror)

    def add(self, experiment=None, curve=CURVE):
        made = self.log.add(replace(experiment or succeeded(TASK), id=0))
        if curve:
            self.put(made, "plots/learning_curves.json", json.dumps(curve).encode())
        return made

    def put(self, experiment, path, content):
        self.artifacts.put(f"experiments/{experiment.id}/{path}", io.BytesIO(content))


@pytest.fixture
def world():
    return World()


def test_what_has_ended_is_shown_with_its_curve_and_its_files(world):
    made = world.add()
    world.put(made, "metrics.json", b"{}")
    assert world.use_case.execute() == 1
    experiment, curve, files = world.mirror.shown[made.id]
    assert (experiment, curve) == (made, CURVE)
    assert files == {"metrics.json": b"{}", "plots/learning_curves.json": json.dumps(CURVE).encode()}
    assert world.use_case.execute() == 0


def test_what_runs_is_shown_as_such_and_whole_once_it_has_ended_also_behind_newer_ones(world):
    running = world.log.add(replace(make_experiment(TASK).start(START), id=0))
    world.log.add(replace(make_experiment(TASK), id=0))
    newer = world.add()
    assert world.use_case.execute() == 1
    assert (set(world.mirror.shown), list(world.mirror.running)) == ({newer.id}, [running.id]), "one waits still"
    world.log.update(running.id, lambda found: found.fail(START, "no rows"))
    world.use_case.execute()
    assert (set(world.mirror.shown), list(world.mirror.running)) == ({running.id, newer.id}, [])
    assert world.mirror.shown[running.id][1] == [], "it failed before there was a curve"


def test_one_that_runs_is_begun_once(world):
    running = world.log.add(replace(make_experiment(TASK).start(START), id=0))
    world.mirror.failing[running.id] = MirrorRefused("a name is too long")
    with pytest.raises(MirrorRefused):
        world.use_case.execute()
    del world.mirror.failing[running.id]
    world.use_case.execute()
    begun, world.mirror.running = dict(world.mirror.running), {}
    world.use_case.execute()
    assert (list(begun), world.mirror.running) == ([running.id], {})


def test_what_ended_while_it_was_away_is_made_up_for_oldest_first(world):
    numbers = [world.add().id for _ in range(3)]
    world.mirror.failing[0] = MirrorUnavailable("away")
    with pytest.raises(MirrorUnavailable):
        world.use_case.execute()
    del world.mirror.failing[0]
    assert world.use_case.execute() == 3
    assert list(world.mirror.shown) == numbers


def test_one_that_is_refused_holds_up_no_other_and_is_tried_again(world):
    first, second = world.add(), world.add()
    world.mirror.failing[first.id] = MirrorRefused("a name is too long")
    with pytest.raises(MirrorRefused, match="too long"):
        world.use_case.execute()
    assert set(world.mirror.shown) == {second.id}
    del world.mirror.failing[first.id]
    world.use_case.execute()
    assert set(world.mirror.shown) == {first.id, second.id}


def test_many_are_read_page_by_page_and_later_only_the_newest(world):
    for _ in range(450):
        world.add(curve=[])
    assert world.use_case.execute() == 450
    asked = []
    listed = world.log.list
    world.log.list = lambda **how: asked.append(how) or listed(**how)
    world.use_case.execute(), world.use_case.execute()
    assert len(asked) <= 4, "what is there below is not read again"


def test_it_ends_between_two_when_the_service_stops(world):
    world.add(), world.add()
    token = gone.set(lambda: len(world.mirror.shown) == 1)
    try:
        with pytest.raises(NobodyWaits):
            world.use_case.execute()
    finally:
        gone.reset(token)
    assert len(world.mirror.shown) == 1
