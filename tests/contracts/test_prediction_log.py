"""The contract of the port PredictionLog."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from adapters.spool.lines import ROWS_IN_A_LINE
from adapters.spool.prediction_log import SpoolPredictionLog
from adapters.spool.prediction_spool import SpoolPredictionSpool
from application.ports.prediction_log import AnsweredRows, PredictionLog
from domain.text_cells import CodedTexts
from tests.builders import CARRIER, TEMP, make_answered
from tests.fakes.prediction_log import InMemoryPredictionLog
from tests.fakes.telemetry import InMemoryTelemetry


@pytest.fixture(params=["fake", "spool"])
def log_and_kept(request, tmp_path) -> tuple[PredictionLog, Callable[[], Sequence[AnsweredRows]]]:
    if request.param == "fake":
        log = InMemoryPredictionLog()
        return log, lambda: log.kept
    spool = SpoolPredictionSpool(tmp_path / "spool")
    return SpoolPredictionLog(tmp_path / "spool", InMemoryTelemetry()), lambda: [
        entry.rows for entry in spool.pending(10**9)]


def test_every_field_comes_back(log_and_kept):
    log, kept = log_and_kept
    rows = make_answered(
        3, "\u0416\n\"id\"", route="/evaluate", row_nos=[2, 5, 9], predictions=["вовремя", "late", 'a "b"'],
        inputs={CARRIER: ["", "Россия\n", "ж\t\\"], TEMP: [None, -0.5, 3e38]}, labels=["late", "вовремя", "late"],
        probabilities=[[0.5, 0.25, 0.25], [0.1, 0.9, 0.0], [1e-7, 0.0, 1.0]])
    log.append(rows)
    assert list(kept()) == [rows]


def test_in_the_order_of_the_calls(log_and_kept):
    log, kept = log_and_kept
    for number in range(20):
        log.append(make_answered(request_id=str(number)))
    assert [rows.request_id for rows in kept()] == [str(number) for number in range(20)]


def test_a_batch_is_kept_when_it_ends(log_and_kept):
    log, kept = log_and_kept
    with log.batch() as add:
        add(make_answered(3))
        add(make_answered(2, row_nos=[4, 5]))
        assert list(kept()) == []
    assert [row for rows in kept() for row in rows.row_nos] == [1, 2, 3, 4, 5]


def test_a_batch_that_raises_is_not_kept(log_and_kept):
    log, kept = log_and_kept
    with pytest.raises(ValueError):
        with log.batch() as add:
            add(make_answered(3))
            raise ValueError
    assert list(kept()) == []


def test_a_batch_of_nothing(log_and_kept):
    log, kept = log_and_kept
    with log.batch():
        pass
    with log.batch() as add:
        add(make_answered(0))
    assert list(kept()) == []


def test_what_was_kept_outlives_a_close_and_what_comes_after_it_is_kept_too(log_and_kept):
    log, kept = log_and_kept
    for name in ("a", "b"):
        log.append(make_answered(request_id=name))
        for _ in range(2):
            log.close()
    with log.batch() as add:
        add(make_answered(request_id="c"))
    assert sorted(rows.request_id for rows in kept()) == ["a", "b", "c"]


def test_a_large_part_keeps_every_row_and_cell(log_and_kept):
    log, kept = log_and_kept
    whole = make_answered(2 * ROWS_IN_A_LINE + 7, labels=["1"] * (2 * ROWS_IN_A_LINE + 7))
    with log.batch() as add:
        add(whole)
    for name in ("row_nos", "predictions", "scores", "labels"):
        assert [value for rows in kept() for value in getattr(rows, name)] == getattr(whole, name)
    assert [value for rows in kept() for value in rows.inputs[TEMP]] == whole.inputs[TEMP]


@pytest.mark.parametrize("distinct", [1, 3, ROWS_IN_A_LINE, ROWS_IN_A_LINE + 1])
def test_texts_with_their_codes(log_and_kept, distinct):
    log, kept = log_and_kept
    rows = 2 * ROWS_IN_A_LINE + 7
    texts = CodedTexts.of(["", *(f"ж{number}" for number in range(distinct - 1))], np.arange(rows) % distinct)
    with log.batch() as add:
        add(replace(make_answered(rows), inputs={CARRIER: texts}))
    assert [cell for each in kept() for cell in each.inputs[CARRIER]] == texts.tolist()


def test_columns_wherever_their_numbers_are(log_and_kept):
    log, kept = log_and_kept
    numbers = np.arange(2 * ROWS_IN_A_LINE, dtype="<f4")
    unaligned = np.frombuffer(b"." + numbers.tobytes(), "<f4", offset=1)
    with log.batch() as add:
        add(replace(make_answered(len(numbers)), inputs={
            TEMP: unaligned, "dew": np.stack([numbers, numbers])[:, ::-1].T[:, 0]}))
    found = {name: [cell for each in kept() for cell in each.inputs[name]] for name in (TEMP, "dew")}
    assert found == {TEMP: numbers.tolist(), "dew": numbers[::-1].tolist()}


def test_more_columns_than_the_system_takes_in_one_call(log_and_kept):
    log, kept = log_and_kept
    columns = {f"c{number}": np.full(3, number, np.float32) for number in range(2_500)}
    with log.batch() as add:
        add(replace(make_answered(3), inputs=columns))
    each, = kept()
    assert {name: list(cells) for name, cells in each.inputs.items()} == {
        name: column.tolist() for name, column in columns.items()}


@pytest.mark.parametrize("n_rows", [2, 2 * ROWS_IN_A_LINE + 7])
@pytest.mark.parametrize("make", [
    lambda n_rows: CodedTexts.of(["late", "вовремя"], np.arange(n_rows) % 2),
    lambda n_rows: np.arange(n_rows, dtype=np.float32) / 7], ids=["labels", "numbers"])
def test_answers_as_a_model_gives_them(log_and_kept, make, n_rows):
    log, kept = log_and_kept
    answers = make(n_rows)
    with log.batch() as add:
        add(replace(make_answered(n_rows), predictions=answers, scores=np.arange(n_rows, dtype=np.float32) / 3))
    found = [list(each.predictions) for each in kept()]
    assert sum(found, []) == answers.tolist() and {type(answer) for answer in found[0]} == {type(answers.tolist()[0])}
    assert [score for each in kept() for score in each.scores] == (np.arange(n_rows, dtype=np.float32) / 3).tolist()


def test_threads_and_batches_side_by_side(log_and_kept):
    log, kept = log_and_kept

    def work(number: int) -> None:
        for step in range(20):
            log.append(make_answered(request_id=f"{number}-{step}"))
        with log.batch() as add:
            add(make_answered(10, request_id=f"{number}-batch"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    found = [rows.request_id for rows in kept()]
    assert sorted(found) == sorted([f"{number}-{step}" for number in range(8) for step in [*range(20), "batch"]])
