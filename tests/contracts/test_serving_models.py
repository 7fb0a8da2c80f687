"""The contract of the port ServingModels."""
from __future__ import annotations

import io

import pytest

from application.ports.serving_models import ServedModel
from application.ports.task_catalog import UnknownTask
from application.serving.model_registry import ModelRegistry
from application.serving.single_model import SingleModel
from domain.deployment import Deployment
from domain.errors import NothingDeployed
from domain.provenance import model_path
from tests.builders import make_table, make_task
from tests.fakes.artifact_store import InMemoryArtifactStore
from tests.fakes.clock import START, FixedClock
from tests.fakes.deployment_log import InMemoryDeploymentLog
from tests.fakes.model_runner import LinearModelLoader, linear_model, with_probe
from tests.fakes.serving_models import InMemoryServingModels
from tests.fakes.task_catalog import InMemoryTaskCatalog

SERVED, IDLE = make_task(), make_task(name="idle")


def by_hand() -> InMemoryServingModels:
    runner = LinearModelLoader().load(linear_model(SERVED))
    return InMemoryServingModels(InMemoryTaskCatalog(SERVED, IDLE), ServedModel(SERVED, 7, 3, runner))


def registry() -> ModelRegistry:
    artifacts, deployments = InMemoryArtifactStore(), InMemoryDeploymentLog()
    artifacts.put(model_path(7), io.BytesIO(with_probe(SERVED, linear_model(SERVED), make_table(SERVED, 8))))
    deployments.append("flights", lambda _: Deployment("flights", 7, None, 3, START))
    models = ModelRegistry(deployments, InMemoryTaskCatalog(SERVED, IDLE), artifacts, LinearModelLoader(), FixedClock())
    models.refresh()
    return models


def single() -> SingleModel:
    return SingleModel(ServedModel(SERVED, 7, 3, LinearModelLoader().load(linear_model(SERVED))))


@pytest.fixture(params=[by_hand, registry, single], ids=["InMemoryServingModels", "ModelRegistry", "SingleModel"])
def models(request):
    return request.param()


def test_what_serves(models):
    served = models.current("flights")
    assert (served.task, served.experiment_id, served.generation) == (SERVED, 7, 3)
    assert served.runner.predict(make_table(SERVED, 5)).n_rows == 5
    assert models.current("flights").runner is served.runner


def test_a_refresh_says_what_serves(models):
    for _ in range(2):
        refreshed = models.refresh()
        assert (dict(refreshed.served), dict(refreshed.failures)) == ({"flights": models.current("flights")}, {})
        assert dict(models.failures()) == {}


def test_whether_there_is_anything_that_serves(models):
    assert models.all_served()


@pytest.mark.parametrize("idle", [
    InMemoryServingModels(InMemoryTaskCatalog(SERVED)),
    ModelRegistry(InMemoryDeploymentLog(), InMemoryTaskCatalog(SERVED), InMemoryArtifactStore(), LinearModelLoader(),
                  FixedClock()),
], ids=lambda models: type(models).__name__)
def test_before_the_first_deployment(idle):
    assert (dict(idle.refresh().served), dict(idle.refresh().failures)) == ({}, {})
    assert not idle.all_served()


def test_a_task_without_a_deployment(models):
    with pytest.raises(NothingDeployed):
        models.current("idle")


@pytest.mark.parametrize("name", ["other", "", "\0", "Flights", "x" * 1_000])
def test_an_unknown_task(models, name):
    # A stage of the pipeline has no catalog to look into: there, whatever is not served is not deployed.
    with pytest.raises(NothingDeployed if isinstance(models, SingleModel) else UnknownTask):
        models.current(name)
