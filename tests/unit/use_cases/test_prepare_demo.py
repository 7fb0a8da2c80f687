from __future__ import annotations

from dataclasses import replace

import pytest

from application.ports.demo_data import DemoUnavailable
from application.queries.held_out_scores import HeldOutScores
from application.queries.judged_models import JudgedModels
from application.serving.takeover import Takeover
from application.training.inline_executor import InlineExecutor
from application.use_cases.add_demo_data import AddDemoData
from application.use_cases.admission import Admission
from application.use_cases.compare import Compare
from application.use_cases.deploy import Deploy
from application.use_cases.prepare_demo import PrepareDemo
from application.use_cases.retrain import Retrain
from domain.errors import ExperimentFailed
from domain.experiment import Status
from tests.builders import make_table, make_task
from tests.fakes.demo_data import InMemoryDemoData
from tests.fakes.serving_fleet import InMemoryServingFleet

DEMO = replace(make_task(), demo="seeded")


@pytest.fixture
def prepare(world) -> PrepareDemo:
    takeover = Takeover(world.deployments, InMemoryServingFleet(), world.clock)
    compare = Compare(HeldOutScores(world.store, JudgedModels(world.artifacts, world.loader)), world.models)
    admission = Admission(world.log, world.tasks, world.artifacts, world.loader, compare)
    deploy = Deploy(world.log, admission, takeover, world.clock)
    retrain = Retrain(world.tasks, world.store, world.log, InlineExecutor(world.run_experiment), world.clock, "abc",
                      world.known_trainers)
    add_demo_data = AddDemoData(world.tasks, world.store, InMemoryDemoData(200))
    return PrepareDemo(add_demo_data, world.log, retrain, deploy, world.deployments)


def test_a_machine_that_has_nothing(world, prepare):
    deployment = prepare.execute(DEMO)
    assert world.tasks.get("flights") == DEMO
    assert [version.rows for version in world.store.versions("flights")] == [200], "the first batch alone"
    assert [experiment.status for experiment in world.log.list()] == [Status.SUCCEEDED]
    assert (deployment.experiment_id, deployment.generation) == (1, 1)
    assert world.deployments.current("flights") == deployment
    world.models.refresh()
    assert world.models.current("flights").runner.predict(make_table(DEMO, 3)).n_rows == 3


def test_again_it_does_nothing(world, prepare):
    first = prepare.execute(DEMO)
    assert prepare.execute(DEMO) == first
    assert (len(world.log.list()), len(world.store.versions("flights")), len(world.deployments.history())) == (1, 1, 1)


def test_what_is_there_already_is_used(world, prepare):
    for _ in range(2):
        AddDemoData(world.tasks, world.store, InMemoryDemoData(200)).execute(DEMO)
    assert [version.rows for version in world.store.versions("flights")] == [200]
    world.store.append(DEMO, [make_table(DEMO, 50, seed=8)])
    assert prepare.execute(DEMO).experiment_id == 1
    assert world.log.get(1).dataset_version == 2
    assert len(world.store.versions("flights")) == 2


def test_a_training_that_fails_is_not_deployed(world, prepare, monkeypatch):
    monkeypatch.setattr(world.pipeline, "run", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(ExperimentFailed, match="flights failed: OSError: disk full"):
        prepare.execute(DEMO)
    assert world.deployments.history() == []


def test_a_task_without_demo_data(world, prepare):
    with pytest.raises(DemoUnavailable):
        prepare.execute(make_task())
    assert world.deployments.history() == []
