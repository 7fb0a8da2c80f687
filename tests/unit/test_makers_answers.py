"""A maker's answers against the file's, and what a model leans on."""
from __future__ import annotations

import numpy as np
import pytest

from domain.importance import permutation_importance
from domain.makers_answers import MakersAnswers
from domain.parity import ParityBroken
from domain.prediction import Predictions
from domain.table import Table
from tests import foreign
from tests.builders import texts

ROWS = Table({"x": np.zeros(3)})
SHARES = np.array([[0.25, 0.75], [0.5, 0.5], [1.0, 0.0]])
GIVEN = Predictions(texts(["yes", "no", "no"]), SHARES.astype(np.float32), ("no", "yes"))


def numbers(*values):
    return Predictions(np.array(values, dtype=np.float32), None, ())


def test_the_same_answers():
    assert MakersAnswers(ROWS, SHARES + 1e-6, None).compared([GIVEN]) == pytest.approx(1e-6)
    assert MakersAnswers(ROWS, None, texts(["yes", "no", "no"])).compared([GIVEN]) == 0
    whole = MakersAnswers(ROWS, np.array([[1e6], [2.0], [np.nan]]), None)
    assert whole.compared([numbers(1e6 + 1, 2, np.nan)]) == pytest.approx(1e-6)
    assert whole.compared([numbers(1e6 + 1), numbers(2, np.nan)]) == pytest.approx(1e-6)


@pytest.mark.parametrize(("makers", "given", "words"), [
    (MakersAnswers(ROWS, SHARES + [[0, 0], [0.1, -0.1], [0, 2e-5]], None), GIVEN, "2 of 3 rows .* 0.1 .* row 2"),
    (MakersAnswers(ROWS, None, texts(["yes", "no", "yes"])), GIVEN, "1 of 3 rows.* row 3: the label"),
    (MakersAnswers(ROWS, np.array([[1.0], [2.0], [3.0]]), None), numbers(1, 2, np.nan), "1 of 3 rows.* by up to inf"),
    (MakersAnswers(ROWS, np.array([[np.nan], [2.0], [3.0]]), None), numbers(1, 2, 3), "row 1: the number"),
])
def test_other_answers(makers, given, words):
    with pytest.raises(ParityBroken, match=words):
        makers.compared([given])


def test_a_column_that_nothing_leans_on_has_no_importance():
    task = foreign.make_foreign_task(jobs=False)
    rows = foreign.make_foreign_rows(task, 400)

    def predict(table):
        second = foreign.sigmoid(table[foreign.AGE])
        return Predictions(texts(["yes"] * table.n_rows), np.stack([1 - second, second], axis=1), task.labels)

    importance = permutation_importance(task, rows, predict)
    assert importance == {foreign.AGE: 1.0, foreign.PAY: 0.0}
    assert permutation_importance(task, rows, predict) == importance
