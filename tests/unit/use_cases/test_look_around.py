"""What serves, what was seen of it, what trains and what failed."""
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from application.queries.look_around import LookAround
from domain.deployment import Deployment
from domain.observation import ObservedModel
from tests.builders import make_experiment, make_task, succeeded
from tests.fakes.clock import START
from tests.fakes.deployment_log import InMemoryDeploymentLog
from tests.fakes.experiment_log import InMemoryExperimentLog
from tests.fakes.observation_store import InMemoryObservationStore


class World:
    def __init__(self) -> None:
        self.task = make_task()
        self.deployments, self.experiments = InMemoryDeploymentLog(), InMemoryExperimentLog()
        self.observations = InMemoryObservationStore()
        self.serving = self.experiments.add(succeeded(self.task, {"test": {"auc": 0.75}, "train": {"auc": 0.9}},
                                                      commit_hash="abc"))
        self.deployment = Deployment("flights", self.serving.id, None, 1, START)
        self.deployments.append("flights", lambda _: self.deployment)

    def look(self):
        return LookAround(self.deployments, self.experiments, self.observations).execute()


@pytest.fixture
def world():
    return World()


def test_what_serves_is_told_before_anything_was_seen_of_it(world):
    model, = world.look().models
    assert (model.deployment, model.commit_hash, model.promised, model.observed) == (
        world.deployment, "abc", {"auc": 0.75}, None)


def test_it_serves_since_it_was_deployed_and_not_since_a_candidate_came(world):
    for minute, reason in enumerate(("canary", "abort", "shadow"), 1):
        at = START + timedelta(minutes=minute)
        world.deployments.append("flights", lambda history, at=at, reason=reason: replace(
            history[0], generation=history[0].generation + 1, created_at=at, reason=reason))
    model, = world.look().models
    assert (model.deployment.generation, model.deployed_at) == (4, START)


def test_what_was_seen_of_it_but_not_of_the_one_before(world):
    world.observations.put(ObservedModel("flights", world.serving.id + 1, START))
    assert world.look().models[0].observed is None
    seen = ObservedModel("flights", world.serving.id, START + timedelta(seconds=1), 500)
    world.observations.put(seen)
    assert world.look().models[0].observed == seen


def test_trainings_are_told(world):
    waiting = world.experiments.add(make_experiment(world.task))
    failing = world.experiments.add(make_experiment(world.task))
    world.experiments.update(failing.id, lambda queued: queued.start(START))
    world.experiments.update(failing.id, lambda running: running.fail(START + timedelta(seconds=9), "out of memory"))
    state = world.look()
    assert state.progress == {("flights", waiting.id): 0.0}
    assert state.failed_at == {"flights": START + timedelta(seconds=9)}
