"""Which model answers whom while a canary goes on."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.ports.serving_models import Candidate, ServedModel, UnknownVersion
from application.serving.choosing import in_turn, key_of, of_version
from application.serving.current_request import CurrentRequest, current_request
from application.use_cases.answer_rows import AnswerRows
from domain.rollout import Rollout, RolloutRole
from domain.rows import CoercedRows, JsonRow
from tests.builders import CARRIER, LATE, ROW, ROW_ID, TEMP, make_table, make_task
from tests.fakes.clock import START
from tests.fakes.model_runner import LinearModelLoader, linear_model
from tests.fakes.serving_models import InMemoryServingModels
from tests.fakes.task_catalog import InMemoryTaskCatalog

TASK = make_task()
KEYS = st.text(max_size=20)


def beside(share: float, by: str | None = None, role: RolloutRole = RolloutRole.CANARY) -> ServedModel:
    """Experiment 1 serves, 2 is the candidate."""
    runner = LinearModelLoader().load(linear_model(TASK))
    return ServedModel(TASK, 1, 3, runner, Candidate(
        Rollout(2, role, share, START, by), ServedModel(TASK, 2, 3, runner)))


@given(KEYS, st.floats(0.01, 0.98), st.floats(0.01, 0.98))
def test_whoever_is_among_the_share_stays_there_while_it_grows(key, one, other):
    less, more = sorted((one, other))
    rollout = Rollout(2, RolloutRole.CANARY, less, START)
    assert rollout.takes(key) <= replace(rollout, share=more).takes(key)
    assert rollout.takes(key) == rollout.takes(key)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_the_share_is_as_large_as_it_says(share):
    rollout = Rollout(2, RolloutRole.CANARY, share, START)
    taken = sum(rollout.takes(f"0190-{number:x}") for number in range(20_000))
    assert abs(taken / 20_000 - share) < 4 * (share * (1 - share) / 20_000) ** 0.5


def test_another_experiment_has_another_share_of_them():
    first, second = (Rollout(number, RolloutRole.CANARY, 0.5, START) for number in (2, 3))
    same = sum(first.takes(str(number)) == second.takes(str(number)) for number in range(2_000))
    assert 850 < same < 1_150


def test_a_shadow_answers_nobody():
    served = beside(1.0, role=RolloutRole.SHADOW)
    assert all(in_turn(served, str(number)) is served for number in range(50))
    assert in_turn(beside(0.99), None).experiment_id == 1


@pytest.mark.parametrize(("cell", "key"), [
    ("UA", "UA"), ("", None), (float("nan"), None), (1.0, "1.0"), (1, "1.0"), (-0.5, "-0.5"),
    (3.4e38, "3.3999999521443642e+38")])
def test_what_a_cell_decides_by(cell, key):
    assert key_of(cell) == key


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_number_decides_the_same_as_text_and_as_a_tensor(number):
    written = float(str(np.float32(number)))
    assert key_of(written) == key_of(number)


def test_a_version_is_what_serves_or_the_candidate():
    served = beside(0.5)
    assert of_version(served, 1) is served and of_version(served, 2) is served.candidate.model
    with pytest.raises(UnknownVersion, match="version 3 of flights is not loaded; 1 and 2 are"):
        of_version(served, 3)
    with pytest.raises(UnknownVersion, match="not loaded; 1 is"):
        of_version(replace(served, candidate=None), 2)


@pytest.fixture
def asked():
    def begin(request_id: str) -> None:
        current_request.set(CurrentRequest(request_id, "/forward"))
    yield begin
    current_request.set(None)


def answering(share: float, by: str | None = None) -> AnswerRows:
    return AnswerRows(InMemoryServingModels(InMemoryTaskCatalog(TASK), beside(share, by)), lambda: 0.0)


def test_a_request_is_answered_by_the_same_model_when_it_comes_again(asked):
    rows, seen = answering(0.5), set()
    for number in range(40):
        asked(f"id-{number}")
        found = {rows.execute("flights", JsonRow(ROW)).served.experiment_id for _ in range(2)}
        assert len(found) == 1
        seen |= found
        file = rows.execute("flights", iter([CoercedRows(make_table(TASK, 5))])).served.experiment_id
        assert {file} == found, "a file is one request as well"
    assert seen == {1, 2}


@pytest.mark.parametrize("column", [CARRIER, TEMP, ROW_ID])
def test_a_value_is_answered_by_the_same_model_whatever_the_request(asked, column):
    rows, seen = answering(0.5, column), {}
    for number in range(60):
        asked(f"id-{number}")
        value = number % 12 if column == TEMP else f"v{number % 12}"
        found = rows.execute("flights", JsonRow(ROW | {column: value})).served.experiment_id
        assert seen.setdefault(value, found) == found
    assert set(seen.values()) == {1, 2}


def test_where_a_column_decides_what_has_no_value_and_what_has_many_go_to_what_serves(asked):
    rows = answering(0.99, TEMP)
    for number in range(20):
        asked(f"id-{number}")
        assert rows.execute("flights", JsonRow(ROW | {TEMP: None})).served.experiment_id == 1
        assert rows.execute("flights", CoercedRows(make_table(TASK, 3))).served.experiment_id == 1
        assert rows.execute("flights", iter([CoercedRows(make_table(TASK, 1))])).served.experiment_id == 1
    assert answering(0.99, ROW_ID).execute("flights", JsonRow(ROW)).served.experiment_id == 1


def test_rows_with_labels_and_what_no_request_asks_go_to_what_serves(asked):
    rows = answering(0.99)
    assert rows.execute("flights", JsonRow(ROW)).served.experiment_id == 1
    for number in range(20):
        asked(f"id-{number}")
        assert rows.execute("flights", [CoercedRows(make_table(TASK, 8))], labelled=True).served.experiment_id == 1


def test_the_version_that_is_named_answers(asked):
    for number in range(20):
        asked(f"id-{number}")
        for version in (1, 2):
            assert answering(0.5).execute("flights", JsonRow(ROW), version=version).served.experiment_id == version
    with pytest.raises(UnknownVersion):
        answering(0.5).execute("flights", JsonRow(ROW), version=3)
    assert LATE not in ROW
