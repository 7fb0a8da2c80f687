from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest

from application.ports.serving_models import ServedModel
from application.serving.single_model import SingleModel
from application.use_cases import inference_model
from application.use_cases.answer_rows import AnswerRows
from application.use_cases.inference_model import InferenceModel
from domain.errors import InvalidInput, NothingDeployed
from domain.kinds.kind import Problem
from domain.scoring import score
from domain.table import Table
from tests.builders import LATE, make_table, make_task, texts
from tests.fakes.model_runner import LinearModelLoader, linear_model

PLOTS = {Problem.BINARY: ["confusion", "roc", "precision_recall", "calibration", "thresholds"],
         Problem.MULTICLASS: ["confusion"],
         Problem.REGRESSION: ["predicted_and_actual"]}


def made(problem: Problem):
    task = make_task(problem)
    runner = LinearModelLoader().load(linear_model(task))
    return task, runner, InferenceModel(AnswerRows(SingleModel(ServedModel(task, 0, 0, runner)), perf_counter))


@pytest.mark.parametrize("problem", PLOTS)
def test_the_answers_and_how_good_they_are(problem, monkeypatch):
    monkeypatch.setattr(inference_model, "CHUNK_ROWS", 13)
    task, runner, use_case = made(problem)
    table = make_table(task, 100)
    inference, expected = use_case.execute(task, table), runner.predict(table)
    np.testing.assert_array_equal(inference.predictions.values, expected.values)
    assert inference.metrics == score(task, task.targets(table[LATE]), expected)
    assert [plot.name for plot in inference.plots] == PLOTS[problem]


def test_a_label_that_the_task_does_not_know():
    task, _, use_case = made(Problem.BINARY)
    table = make_table(task, 3)
    with pytest.raises(InvalidInput) as failure:
        use_case.execute(task, Table({**table.columns, LATE: texts(["0", "maybe", "1.0"])}))
    assert [fault.where for fault in failure.value.faults] == ["row 2, column late"]


def test_another_task_is_not_served():
    task, _, use_case = made(Problem.BINARY)
    with pytest.raises(NothingDeployed):
        use_case.execute(make_task(name="other"), make_table(task, 3))
