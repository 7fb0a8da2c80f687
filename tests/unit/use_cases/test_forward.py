from __future__ import annotations

import numpy as np
import pytest

from application.ports.model_runner import ModelCrashed
from application.ports.serving_models import ServedModel
from application.ports.task_catalog import UnknownTask
from application.use_cases.forward import Forward
from domain.errors import InvalidInput, NothingDeployed
from domain.task import Problem
from tests.builders import CARRIER, DISTANCE, ENGINE, LATE, ROW, ROW_ID, TEMP, make_table, make_task
from tests.fakes.model_runner import LinearModelLoader, linear_model
from tests.fakes.serving_models import InMemoryServingModels
from tests.fakes.task_catalog import InMemoryTaskCatalog


def serving(problem: Problem = Problem.BINARY) -> InMemoryServingModels:
    task = make_task(problem)
    served = ServedModel(task, 5, 2, LinearModelLoader().load(linear_model(task)))
    return InMemoryServingModels(InMemoryTaskCatalog(task, make_task(name="idle")), served)


def test_the_answer_holds_the_row_as_the_model_saw_it():
    answer = Forward(serving()).execute("flights", {DISTANCE: 100, LATE: 1, ENGINE: " ? ", CARRIER: " UA", TEMP: None})
    assert list(answer.inputs.columns) == [CARRIER, TEMP, ENGINE, DISTANCE]
    assert [answer.inputs[name].tolist()[0] for name in (CARRIER, ENGINE, DISTANCE)] == ["UA", "", 100.0]
    assert np.isnan(answer.inputs[TEMP][0])
    assert (answer.served.experiment_id, answer.served.generation, answer.predictions.n_rows) == (5, 2, 1)
    assert answer.predictions.probabilities[0, 1] == pytest.approx(1 / (1 + np.exp(-1.0)))


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION])
def test_one_row_is_answered_as_it_is_in_a_table(problem):
    models, task = serving(problem), make_task(problem)
    table = make_table(task, 20)
    together = models.current("flights").runner.predict(table)
    for row in range(20):
        cells = {name: table[name][row].item() if table[name].dtype != object else table[name][row]
                 for name in (CARRIER, TEMP, ENGINE, DISTANCE)}
        cells[TEMP] = None if cells[TEMP] != cells[TEMP] else cells[TEMP]
        answer = Forward(models).execute("flights", cells).predictions
        assert answer.values[0] == together.values[row]
        assert answer.scores[0] == pytest.approx(together.scores[row])


def test_what_it_refuses():
    forward = Forward(serving())
    with pytest.raises(InvalidInput) as failure:
        forward.execute("flights", {TEMP: "x", ROW_ID: 1})
    assert [fault.where for fault in failure.value.faults] == [
        f"column {name}" for name in (CARRIER, ENGINE, DISTANCE, TEMP)]
    with pytest.raises(NothingDeployed):
        forward.execute("idle", ROW)
    with pytest.raises(UnknownTask):
        forward.execute("nope", ROW)


def test_a_crash_comes_out_as_it_is(monkeypatch):
    models = serving()

    def crash(_):
        raise ModelCrashed("out of memory")

    monkeypatch.setattr(models.current("flights").runner, "predict", crash)
    with pytest.raises(ModelCrashed, match="out of memory"):
        Forward(models).execute("flights", ROW)
