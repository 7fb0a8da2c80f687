from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest

from application.ports.serving_models import ServedModel
from application.ports.task_catalog import UnknownTask
from application.use_cases.answer_rows import AnswerRows
from domain import prediction
from domain.errors import Fault, InvalidInput, NothingDeployed
from domain.rows import CoercedRows, TextRows
from domain.table import concat
from tests.builders import CARRIER, FEATURES, LATE, TEMP, assert_same_table, make_table, make_task, text_cells
from tests.fakes.model_runner import LinearModelLoader, linear_model
from tests.fakes.serving_models import InMemoryServingModels
from tests.fakes.task_catalog import InMemoryTaskCatalog

TASK = make_task()
NAMES = [column.name for column in FEATURES]


def served(experiment_id: int, weight: float) -> ServedModel:
    runner = LinearModelLoader().load(linear_model(TASK, {TEMP: [0.0, weight]}))
    return ServedModel(TASK, experiment_id, experiment_id, runner)


@pytest.fixture
def models() -> InMemoryServingModels:
    return InMemoryServingModels(InMemoryTaskCatalog(TASK, make_task(name="idle")), served(1, 0.1))


def text_rows(table, size_rows: int = 7):
    for number, chunk in enumerate(table.chunks(size_rows)):
        yield TextRows(text_cells(chunk), number * size_rows + 1)


def test_every_row_is_answered_in_its_order_whatever_columns_come_beside(models):
    table = make_table(TASK, 40)
    parts = list(AnswerRows(models, perf_counter).execute("flights", text_rows(table)).parts)
    assert [part.table.n_rows for part in parts] == [7] * 5 + [5]
    assert_same_table(concat([part.table for part in parts]), table.select(NAMES))
    together = models.current("flights").runner.predict(table)
    answers = prediction.concat([part.predictions for part in parts])
    np.testing.assert_array_equal(answers.values, together.values)
    np.testing.assert_array_equal(answers.probabilities, together.probabilities)


def test_the_rows_of_a_part_are_those_that_came(models):
    rows = list(text_rows(make_table(TASK, 10)))
    assert [part.rows for part in AnswerRows(models, perf_counter).execute("flights", rows).parts] == rows


def test_text_and_rows_from_the_store_are_answered_alike(models):
    table, use_case = make_table(TASK, 20), AnswerRows(models, perf_counter)
    of_text, of_store = (prediction.concat([part.predictions for part in use_case.execute("flights", chunks).parts])
                         for chunks in (text_rows(table), [CoercedRows(table)]))
    np.testing.assert_array_equal(of_text.probabilities, of_store.probabilities)


def test_all_rows_are_answered_by_one_model(models):
    answer = AnswerRows(models, perf_counter).execute("flights", text_rows(make_table(TASK, 21)))
    first = next(answer.parts)
    models.put(served(2, -0.1))
    rest = list(answer.parts)
    assert answer.served.experiment_id == 1
    for part in [first, *rest]:
        expected = answer.served.runner.predict(part.table)
        np.testing.assert_array_equal(part.predictions.probabilities, expected.probabilities)
    assert AnswerRows(models, perf_counter).execute("flights", []).served.experiment_id == 2


def test_nothing_is_read_before_it_is_asked_for(models):
    def broken():
        raise OSError("must not be read yet")
        yield

    parts = AnswerRows(models, perf_counter).execute("flights", broken()).parts
    with pytest.raises(OSError):
        next(parts)


def test_a_faulty_row_is_named_by_its_place_in_the_file(models):
    chunks = list(text_rows(make_table(TASK, 21)))
    chunks[1].cells[TEMP][2] = "warm"
    chunks[2].cells[CARRIER][6] = ""
    parts = AnswerRows(models, perf_counter).execute("flights", chunks).parts
    assert next(parts).table.n_rows == 7
    with pytest.raises(InvalidInput) as failure:
        list(parts)
    assert [fault.where for fault in failure.value.faults] == [f"row 10, column {TEMP}", f"row 21, column {CARRIER}"]


def test_what_the_file_itself_fails_with_hides_no_earlier_fault(models):
    def chunks():
        first, second, _ = text_rows(make_table(TASK, 21))
        second.cells[TEMP][2] = "warm"
        yield from (first, second)
        raise InvalidInput("row 21: has 2 cells", [Fault("row 21", "has 2 cells", row=21), Fault("row 9", "x", row=9)])

    with pytest.raises(InvalidInput) as failure:
        list(AnswerRows(models, perf_counter).execute("flights", chunks()).parts)
    assert [fault.where for fault in failure.value.faults] == ["row 9", f"row 10, column {TEMP}", "row 21"]


def test_a_file_that_fails_alone_says_so_in_its_own_words(models):
    def chunks():
        yield from text_rows(make_table(TASK, 7))
        raise InvalidInput("line 9: is torn", [Fault("file, line 9", "is torn")])

    with pytest.raises(InvalidInput) as failure:
        list(AnswerRows(models, perf_counter).execute("flights", chunks()).parts)
    assert failure.value.detail == "line 9: is torn"


def test_no_rows_give_no_parts(models):
    assert list(AnswerRows(models, perf_counter).execute("flights", []).parts) == []


def test_tasks_that_nothing_serves(models):
    with pytest.raises(NothingDeployed):
        AnswerRows(models, perf_counter).execute("idle", [])
    with pytest.raises(UnknownTask):
        AnswerRows(models, perf_counter).execute("nope", [])


def test_labelled_rows_come_with_their_targets_and_the_model_does_not_see_them(models):
    table = make_table(TASK, 10)
    parts = list(AnswerRows(models, perf_counter).execute("flights", text_rows(table), labelled=True).parts)
    np.testing.assert_array_equal(np.concatenate([part.targets for part in parts]), TASK.targets(table[LATE]))
    unlabelled = list(AnswerRows(models, perf_counter).execute("flights", text_rows(table)).parts)
    for part, other in zip(parts, unlabelled, strict=True):
        np.testing.assert_array_equal(part.predictions.probabilities, other.predictions.probabilities)
    assert [part.targets for part in unlabelled] == [None, None]


def test_a_part_says_how_long_the_model_took(models):
    ticks = iter(range(100))
    exchange = AnswerRows(models, lambda: next(ticks) / 4).execute("flights", text_rows(make_table(TASK, 21)))
    assert [part.model_s for part in exchange.parts] == [0.25] * 3


def test_some_rows_are_answered_before_they_are_asked_for(models):
    rows = next(text_rows(make_table(TASK, 5)))
    for labelled in (False, True):
        use_case, asked = AnswerRows(models, perf_counter), models.current("flights").runner
        part, = use_case.execute("flights", rows, labelled).parts
        np.testing.assert_array_equal(part.predictions.values, asked.predict(part.table).values)
    rows.cells[TEMP][1] = "warm"
    with pytest.raises(InvalidInput, match=f"row 2, column {TEMP}"):
        AnswerRows(models, perf_counter).execute("flights", rows)
