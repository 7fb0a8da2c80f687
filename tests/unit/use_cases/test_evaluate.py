from __future__ import annotations

import gc
from time import perf_counter

import numpy as np
import pytest

from application.ports.serving_models import ServedModel
from application.ports.task_catalog import UnknownTask
from application.use_cases.answer_rows import AnswerRows
from application.use_cases.evaluate import Evaluate
from domain.errors import InvalidInput, NothingDeployed
from domain.kinds.kind import Problem
from domain.prediction import concat
from domain.rows import CoercedRows, TextRows
from domain.scoring import score
from tests.builders import LATE, TEMP, make_table, make_task, text_cells
from tests.fakes.model_runner import LinearModelLoader, linear_model
from tests.fakes.serving_models import InMemoryServingModels
from tests.fakes.task_catalog import InMemoryTaskCatalog


def models_of(task) -> InMemoryServingModels:
    runner = LinearModelLoader().load(linear_model(task))
    return InMemoryServingModels(InMemoryTaskCatalog(task, make_task(name="idle")), ServedModel(task, 7, 3, runner))


def evaluate(task) -> Evaluate:
    return Evaluate(AnswerRows(models_of(task), perf_counter))


def text_rows(table, size_rows: int = 7):
    for number, chunk in enumerate(table.chunks(size_rows)):
        yield TextRows(text_cells(chunk), number * size_rows + 1)


@pytest.fixture(params=[Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION])
def task(request):
    return make_task(request.param)


def test_answers_and_their_scores(task):
    models, table = models_of(task), make_table(task, 60)
    evaluation = Evaluate(AnswerRows(models, perf_counter)).execute("flights", text_rows(table))
    predictions = concat([part.predictions for part in evaluation.parts])
    together = models.current("flights").runner.predict(table)
    np.testing.assert_array_equal(predictions.values, together.values)
    if task.labels:
        np.testing.assert_array_equal(predictions.probabilities, together.probabilities)
        assert predictions.values.dtype == together.values.dtype
    assert evaluation.metrics() == score(task, task.targets(table[LATE]), together)
    assert evaluation.served.experiment_id == 7


def test_text_and_rows_from_the_store_are_scored_alike(task):
    use_case, table = evaluate(task), make_table(task, 60)
    assert use_case.execute("flights", text_rows(table)).metrics() == use_case.execute(
        "flights", [CoercedRows(table)]).metrics()


def test_whole_numbers_with_a_point_are_the_labels_that_pandas_writes():
    task = make_task()
    table = make_table(task, 30)
    cells = text_cells(table)
    pointed = cells | {LATE: [f"{label}.0" for label in cells[LATE]]}
    use_case = evaluate(task)
    assert use_case.execute("flights", [TextRows(pointed)]).metrics() == use_case.execute(
        "flights", [TextRows(cells)]).metrics()


def test_an_unknown_label_is_named_by_its_row():
    task = make_task()
    chunks = list(text_rows(make_table(task, 21)))
    chunks[2].cells[LATE][3] = "maybe"
    with pytest.raises(InvalidInput) as failure:
        evaluate(task).execute("flights", chunks).metrics()
    assert [(fault.where, fault.problem) for fault in failure.value.faults] == [
        (f"row 18, column {LATE}", '"maybe" is none of the labels 0, 1')]


def test_rows_without_a_label_are_answered_and_not_scored(task):
    table = make_table(task, 21)
    chunks = list(text_rows(table))
    chunks[1].cells[LATE][0] = ""
    evaluation = evaluate(task).execute("flights", chunks)
    metrics = evaluation.metrics()
    assert (evaluation.n_rows, evaluation.rows_without_target) == (21, 1)
    labelled = np.arange(21) != 7
    assert metrics == evaluate(task).execute("flights", text_rows(table.take(labelled))).metrics()


def test_faults_of_the_whole_file_are_named_together():
    chunks = list(text_rows(make_table(make_task(), 21)))
    chunks[0].cells[TEMP][1], chunks[2].cells[TEMP][0] = "warm", "cold"
    with pytest.raises(InvalidInput) as failure:
        evaluate(make_task()).execute("flights", chunks).metrics()
    assert [fault.where for fault in failure.value.faults] == [f"row 2, column {TEMP}", f"row 15, column {TEMP}"]


def test_an_unknown_label_hides_no_other_fault_and_none_hides_it():
    chunks = list(text_rows(make_table(make_task(), 21)))
    chunks[0].cells[LATE][2] = "maybe"
    chunks[1].cells[LATE][6], chunks[1].cells[TEMP][6] = "yes", "warm"
    chunks[2].cells[TEMP][0] = "cold"
    with pytest.raises(InvalidInput) as failure:
        evaluate(make_task()).execute("flights", chunks).metrics()
    assert [fault.where for fault in failure.value.faults] == [
        f"row {row}, column {column}" for row, column in [(3, LATE), (14, TEMP), (14, LATE), (15, TEMP)]]


def test_without_the_target_there_is_nothing_to_score(task):
    with pytest.raises(InvalidInput) as failure:
        evaluate(task).execute("flights", text_rows(make_table(task, 9).without([LATE]))).metrics()
    assert [(fault.where, fault.problem) for fault in failure.value.faults] == [(f"column {LATE}", "is missing")]


def test_without_rows_there_is_nothing_to_score(task):
    empty = TextRows({name: [] for name in make_table(task, 1).columns})
    for chunks in ([], [empty]):
        with pytest.raises(InvalidInput, match="no .*rows"):
            evaluate(task).execute("flights", chunks).metrics()


def test_parts_that_nobody_takes_any_more_end_at_once():
    """What answers them may hold a file open until then; the collector of cycles may come much later."""
    ended = []

    def chunks():
        try:
            yield from text_rows(make_table(make_task(), 21))
        finally:
            ended.append(True)

    gc.disable()
    try:
        evaluation = evaluate(make_task()).execute("flights", chunks())
        next(evaluation.parts)
        del evaluation
        assert ended
    finally:
        gc.enable()


def test_one_class_alone_has_no_auc():
    table = make_table(make_task(), 60)
    metrics = evaluate(make_task()).execute(
        "flights", [CoercedRows(table.take(table[LATE] == "1"))]).metrics()
    assert "auc" not in metrics and metrics["accuracy"] <= 1


def test_tasks_that_nothing_serves(task):
    with pytest.raises(NothingDeployed):
        evaluate(task).execute("idle", [])
    with pytest.raises(UnknownTask):
        evaluate(task).execute("nope", [])
