from __future__ import annotations

import json

import pytest

from application.ports.experiment_log import UnknownExperiment
from application.ports.model_runner import UnreadableModel
from domain.deployment import Deployment
from domain.errors import Conflict, InvalidInput, ModelRejected, NotBetter, NotFound
from domain.kinds.kind import Problem
from domain.parity import ParityBroken
from tests.builders import LATE, TEMP, make_experiment, make_schema, make_table, make_task
from tests.fakes.clock import START
from tests.fakes.model_runner import linear_model
from tests.unit.serving import Service, sound_model


@pytest.fixture
def service() -> Service:
    return Service()


def tampered(model: bytes, **changes) -> bytes:
    """changes: of the probe's document."""
    document = json.loads(model)
    document["metadata"]["probe"] = json.dumps(json.loads(document["metadata"]["probe"]) | changes)
    return json.dumps(document).encode()


def test_a_succeeded_experiment_serves(service):
    deployment = service.deploy(service.train())
    assert deployment == Deployment("flights", 1, None, 1, START, "deploy")
    assert service.deployments.history() == [deployment]
    assert service.serving == 1


def test_generations_grow_and_name_the_one_before(service):
    made = [service.deploy(service.train()) for _ in range(3)] + [service.deploy(1)]
    assert [(item.experiment_id, item.previous_experiment_id, item.generation) for item in made] == [
        (1, None, 1), (2, 1, 2), (3, 2, 3), (1, 3, 4)]


def test_each_task_has_its_own_generations(service):
    service.deploy(service.train())
    other = make_task(name="other")
    service.tasks.add(other)
    deployment = service.deploy(service.train(sound_model(other), task="other"))
    assert (deployment.task, deployment.generation, deployment.previous_experiment_id) == ("other", 1, None)
    assert service.serving == 1


def test_an_unknown_experiment(service):
    with pytest.raises(UnknownExperiment):
        service.deploy(1)


@pytest.mark.parametrize("status", ["queued", "running", "failed", "cancelled"])
def test_only_a_succeeded_experiment(service, status):
    steps = {"queued": lambda it: it, "running": lambda it: it.start(START),
             "failed": lambda it: it.start(START).fail(START, "x"), "cancelled": lambda it: it.cancel(START)}
    experiment = service.log.add(make_experiment(service.task))
    service.log.update(experiment.id, steps[status])
    with pytest.raises(Conflict, match=f"experiment 1 is {status}"):
        service.deploy(1)
    assert service.deployments.history() == []


SOUND = sound_model(make_task())
OTHER_COLUMNS = make_task(schema=make_schema(Problem.BINARY).__class__(
    tuple(column for column in make_task().schema.columns if column.name != TEMP)))
BROKEN = {
    "truncated": (SOUND[:-30], UnreadableModel, "JSON"),
    "another file": (b"PK\3\4", UnreadableModel, "JSON"),
    "empty": (b"", UnreadableModel, "JSON"),
    "of another task": (sound_model(make_task(name="other")), ModelRejected, "made for the task other"),
    "other columns": (sound_model(OTHER_COLUMNS), ModelRejected, TEMP),
    "other labels": (sound_model(make_task(labels=(0, 2))), ModelRejected, r"\[0, 2\]"),
    "texts for labels": (sound_model(make_task(labels=("0", "1"))), ModelRejected, "labels"),
    "no probe": (linear_model(make_task()), ModelRejected, "no probe"),
    "a probe that is no JSON": (SOUND.replace(b'"probe": "', b'"probe": "x'), ModelRejected, "no probe"),
    "a probe without a column": (tampered(SOUND, inputs={}), ModelRejected, "no probe"),
    "a probe with other answers": (tampered(SOUND, probabilities=[[0.5, 0.5]] * 8), ParityBroken, "differs"),
    "a probe with fewer answers": (tampered(SOUND, probabilities=[[0.5, 0.5]]), ParityBroken, "differs"),
    "a probe with a cell that is no number": (
        tampered(SOUND, inputs={name: ["x"] * 8 for name in json.loads(
            json.loads(SOUND)["metadata"]["probe"])["inputs"]}), ModelRejected, "no probe"),
    "a probe with columns of unequal length": (
        tampered(SOUND, inputs=json.loads(json.loads(SOUND)["metadata"]["probe"])["inputs"] | {TEMP: [1.0]}),
        ModelRejected, "no probe"),
    "a probe without rows": (
        tampered(SOUND, inputs=dict.fromkeys(json.loads(json.loads(SOUND)["metadata"]["probe"])["inputs"], []),
                 values=[], probabilities=[]), ModelRejected, "no probe"),
    "a probe with answers of unequal length": (
        tampered(SOUND, probabilities=[[0.5, 0.5], [0.5]] * 4), ModelRejected, "no probe"),
    "a probe with words for probabilities": (
        tampered(SOUND, probabilities=[["a", "b"]] * 8), ModelRejected, "no probe"),
    "a probe without probabilities": (tampered(SOUND, probabilities=None), ModelRejected, "no probe"),
}


@pytest.mark.parametrize(("model", "failure", "words"), BROKEN.values(), ids=BROKEN)
def test_a_model_that_is_not_fit_is_rejected_with_words_and_changes_nothing(service, model, failure, words):
    service.deploy(service.train())
    with pytest.raises(failure, match=words):
        service.deploy(service.train(model))
    assert len(service.deployments.history()) == 1
    assert service.serving == 1


def test_a_model_file_that_is_gone(service):
    service.deploy(service.train())
    experiment = service.log.add(service.log.get(1))
    with pytest.raises(NotFound):
        service.deploy(experiment.id)
    assert service.serving == 1


def test_the_order_of_the_columns_counts(service):
    columns = service.task.schema.columns
    model = sound_model(make_task(schema=type(service.task.schema)((*columns[2:4], *columns[:2], *columns[4:]))))
    with pytest.raises(ModelRejected, match="their order"):
        service.deploy(service.train(model))


def test_a_regression_is_checked_too():
    task = make_task(Problem.REGRESSION)
    service = Service(task)
    assert service.deploy(service.train()).generation == 1
    with pytest.raises(ParityBroken):
        service.deploy(service.train(tampered(sound_model(task), values=[1.0] * 8)))
    for values in (["a"] * 8, [None] * 8, [[1.0]] * 8, 7):
        with pytest.raises(ModelRejected):
            service.deploy(service.train(tampered(sound_model(task), values=values)))


# --- only if it is better ---

def test_a_better_one_is_deployed(service):
    service.deploy(service.train_good(0.01))
    assert service.deploy(service.train_good(0.05), if_better="logloss").experiment_id == 2
    assert service.serving == 2


@pytest.mark.parametrize("metric", ["auc", "logloss", "accuracy", "brier"])
def test_a_worse_one_is_not(service, metric):
    service.deploy(service.train_good(0.05))
    with pytest.raises(NotBetter, match=f"experiment 2 is not better: {metric} .* of experiment 1"):
        service.deploy(service.train_good(-0.05), if_better=metric)
    assert service.serving == 1


def test_one_that_is_as_good_is_not_better(service):
    service.deploy(service.train_good(0.05))
    with pytest.raises(NotBetter):
        service.deploy(service.train_good(0.05), if_better="auc")
    with pytest.raises(NotBetter):
        service.deploy(1, if_better="auc")


@pytest.mark.parametrize("metric", ["", "AUC", "rmse", "iou", "nope", "аук"])
def test_an_unknown_metric(service, metric):
    for _ in range(2):
        with pytest.raises(InvalidInput, match="known are auc"):
            service.deploy(service.train(), if_better=metric)
    assert service.deployments.history() == []


def test_an_unknown_metric_is_refused_before_anything_is_read(service, monkeypatch):
    number, read = service.train(), []
    service.deploy(number)
    for port, name in ((service.store, "read"), (service.artifacts, "read")):
        monkeypatch.setattr(port, name, lambda *given: read.append(given))
    with pytest.raises(InvalidInput, match="known are auc, "):
        service.deploy(number, if_better="rmse")
    assert read == []


def test_a_metric_without_a_value_on_these_rows(service):
    """Of rows of one class there is no AUC."""
    table = make_table(service.task, 240, seed=5)
    service.task = make_task(name="one_class")
    service.tasks.add(service.task)
    service.store.append(service.task, [table.take(table[LATE] == "1")])
    service.deploy(service.train())
    with pytest.raises(InvalidInput, match="auc has no value on the held-out rows of dataset version 1"):
        service.deploy(service.train(), if_better="auc")
    assert service.serving == 1


def test_where_nothing_serves_everything_is_better(service):
    assert service.deploy(service.train_good(-1), if_better="auc").generation == 1


def test_an_unfit_one_is_rejected_however_good_it_is(service):
    service.deploy(service.train())
    with pytest.raises(ModelRejected):
        service.deploy(service.train(linear_model(service.task)), if_better="auc")


def test_rows_to_compare_on_have_to_be_there(service):
    with pytest.raises(NotFound):
        service.deploy(service.train(dataset_version=9), if_better="auc")
    assert LATE in service.task.schema and service.deployments.history() == []
