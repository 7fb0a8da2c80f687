from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest

from application.ports.model_runner import ModelCrashed
from application.ports.serving_models import ServedModel
from application.ports.task_catalog import UnknownTask
from application.use_cases.answer_rows import AnswerRows
from domain.errors import InvalidInput, NothingDeployed
from domain.exchange import Part
from domain.kinds.kind import Problem
from domain.rows import JsonRow
from tests.builders import CARRIER, DISTANCE, ENGINE, LATE, ROW, ROW_ID, TEMP, make_table, make_task
from tests.fakes.model_runner import LinearModelLoader, linear_model
from tests.fakes.serving_models import InMemoryServingModels
from tests.fakes.task_catalog import InMemoryTaskCatalog


def serving(problem: Problem = Problem.BINARY) -> InMemoryServingModels:
    task = make_task(problem)
    served = ServedModel(task, 5, 2, LinearModelLoader().load(linear_model(task)))
    return InMemoryServingModels(InMemoryTaskCatalog(task, make_task(name="idle")), served)


def answer(models, row, name: str = "flights") -> Part:
    part, = AnswerRows(models, perf_counter).execute(name, JsonRow(row)).parts
    return part


def test_the_answer_holds_the_row_as_the_model_saw_it():
    row = {DISTANCE: 100, LATE: 1, ENGINE: " ? ", CARRIER: " UA", TEMP: None}
    exchange = AnswerRows(serving(), perf_counter).execute("flights", JsonRow(row))
    part, = exchange.parts
    assert list(part.table.columns) == [CARRIER, TEMP, ENGINE, DISTANCE]
    assert [part.table[name].tolist()[0] for name in (CARRIER, ENGINE, DISTANCE)] == ["UA", "", 100.0]
    assert np.isnan(part.table[TEMP][0])
    assert (exchange.served.experiment_id, exchange.served.generation, part.predictions.n_rows) == (5, 2, 1)
    assert part.predictions.probabilities[0, 1] == pytest.approx(1 / (1 + np.exp(-1.0)))


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION])
def test_one_row_is_answered_as_it_is_in_a_table(problem):
    models, task = serving(problem), make_task(problem)
    table = make_table(task, 20)
    together = models.current("flights").runner.predict(table)
    for row in range(20):
        cells = {name: table[name][row].item() if table[name].dtype != object else table[name][row]
                 for name in (CARRIER, TEMP, ENGINE, DISTANCE)}
        cells[TEMP] = None if cells[TEMP] != cells[TEMP] else cells[TEMP]
        found = answer(models, cells).predictions
        assert found.values[0] == together.values[row]
        assert found.scores[0] == pytest.approx(together.scores[row])


def test_what_it_refuses():
    models = serving()
    with pytest.raises(InvalidInput) as failure:
        answer(models, {TEMP: "x", ROW_ID: 1})
    assert [fault.where for fault in failure.value.faults] == [
        f"column {name}" for name in (CARRIER, ENGINE, DISTANCE, TEMP)]
    with pytest.raises(NothingDeployed):
        answer(models, ROW, "idle")
    with pytest.raises(UnknownTask):
        answer(models, ROW, "nope")


def test_a_crash_comes_out_as_it_is(monkeypatch):
    models = serving()

    def crash(_):
        raise ModelCrashed("out of memory")

    monkeypatch.setattr(models.current("flights").runner, "predict", crash)
    with pytest.raises(ModelCrashed, match="out of memory"):
        answer(models, ROW)
