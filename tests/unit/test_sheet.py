"""The pictures by which a training is looked at."""
from __future__ import annotations

import numpy as np
import pytest

from domain.picture import cells
from domain.prediction import MaskPredictions, Predictions
from domain.sheet import MAX_CASES, MAX_SIDE_PX, MAX_TYPICAL, Sheet, evaluation_sheets
from domain.table import Table
from tests.builders import make_table, make_task
from tests.pictures import MASK, make_picture_task, make_pictures


def sheets_of(table: Table, answers: list[np.ndarray]) -> list[Sheet]:
    """The class after the first is answered where an answer is 1."""
    shares = [np.dstack([1 - answer, answer]).astype(np.float32) for answer in answers]
    task = make_picture_task()
    return evaluation_sheets(task, table, MaskPredictions(cells(answers), cells(shares), task.labels))


def spoilt(masks: np.ndarray, wrong_rows: list[int]) -> list[np.ndarray]:
    """The truth, but for so many lines of each."""
    answers = [mask.copy() for mask in masks]
    for answer, lines in zip(answers, wrong_rows, strict=True):
        answer[:lines] = 1 - answer[:lines]
    return answers


def numbers(sheet: Sheet) -> list[int]:
    return [int(case.caption.split(",")[0].removeprefix("picture ")) for case in sheet.cases]


def test_the_worst_come_first_with_what_is_true_and_what_was_answered():
    table = make_pictures(make_picture_task(), 3)
    sheet, = sheets_of(table, spoilt(table[MASK], [0, 30, 10]))
    assert numbers(sheet) == [2, 3, 1]
    assert sheet.cases[-1].caption == "picture 1, IoU 1.000"
    picture, truth, answer = sheet.cases[0].panels
    assert {panel.shape for panel in sheet.cases[0].panels} == {(40, 56, 3)}
    assert len(sheet.columns) == 3
    np.testing.assert_array_equal((truth != picture).any(axis=2), table[MASK][1] == 1)
    np.testing.assert_array_equal((answer != truth)[30:], False)
    assert (answer != truth)[:30].any(axis=2).mean() > 0.99


@pytest.mark.parametrize(("n", "sheets"), [(1, 1), (MAX_CASES, 1), (MAX_CASES + 1, 2), (40, 2)])
def test_of_many_pictures_a_few_are_shown(n, sheets):
    table = make_pictures(make_picture_task(), n)
    found = sheets_of(table, spoilt(table[MASK], list(range(n))))
    assert len(found) == sheets and len({sheet.name for sheet in found}) == sheets
    assert len(found[0].cases) == min(n, MAX_CASES)
    if sheets == 2:
        chosen = [case.caption for case in found[1].cases]
        assert len(chosen) == MAX_TYPICAL
        assert chosen[0] == found[0].cases[0].caption and chosen[-1].startswith("picture 1,")


def test_a_large_picture_is_shown_small():
    table = make_pictures(make_picture_task(), 1, height=50, width=3 * MAX_SIDE_PX - 1)
    sheet, = sheets_of(table, list(table[MASK]))
    assert {panel.shape for panel in sheet.cases[0].panels} == {(17, MAX_SIDE_PX, 3)}


def test_rows_of_a_table_are_no_pictures():
    task = make_task()
    answers = Predictions(np.array([0]), np.array([[1, 0]], np.float32), task.labels)
    assert evaluation_sheets(task, make_table(task, 1), answers) == []
