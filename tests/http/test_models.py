"""GET /metadata."""
from __future__ import annotations

from types import SimpleNamespace

import pytest

from application.ports.serving_models import ServedModel
from domain.prediction import ModelCard
from entrypoints.answers.models import ModelCardAnswer
from tests.builders import FEATURES, make_task
from tests.fakes.clock import START
from tests.http.problems import check_problem


def test_what_the_models_file_says(service):
    body = service.client.get("/metadata").json()
    assert set(body) >= {"task", "experiment_id", "experiment_name", "commit_hash", "saved_at", "inputs", "outputs",
                         "labels", "metrics"}
    assert (body["task"], body["experiment_id"], body["experiment_name"]) == ("flights", 1, "flights-v1")
    assert (body["commit_hash"], body["saved_at"]) == ("abc", START.isoformat(timespec="seconds"))
    assert body["dataset_version"] == 1
    assert body["inputs"] == [
        {"name": column.name, "type": {"number": "tensor(float)", "category": "tensor(string)"}[column.type]}
        for column in FEATURES]
    assert [output["name"] for output in body["outputs"]] == ["prediction", "probabilities"]
    assert (body["labels"], body["metrics"]) == ([0, 1], {"test": {"auc": 0.75}})
    assert service.client.get("/metadata?task=flights").json() == body


def test_the_threshold_is_told_that_it_answers_at(service):
    assert service.client.get("/metadata").json()["threshold"] is None
    service.client.post("/deploy/1?threshold=0.3").raise_for_status()
    assert service.client.get("/metadata").json()["threshold"] == 0.3


@pytest.mark.parametrize(("said", "told"), [
    ({}, None), ({"dataset_version": ""}, None), ({"dataset_version": "17"}, 17), ({"dataset_version": "newest"}, None),
    ({"dataset_version": "-1"}, None), ({"dataset_version": "²"}, None), ({"dataset_version": "9" * 5_000}, None)])
def test_the_dataset_version_is_a_number_or_nothing(said, told):
    runner = SimpleNamespace(card=ModelCard((), (), (), (0, 1), said))
    assert ModelCardAnswer.of(ServedModel(make_task(), 1, 1, runner)).dataset_version == told


def test_unknown_and_idle_tasks(service):
    service.tasks.add(make_task(name="idle"))
    check_problem(service.client.get("/metadata?task=nope"), 404)
    check_problem(service.client.get("/metadata?task=idle"), 403)
    check_problem(service.client.get("/metadata"), 400)
