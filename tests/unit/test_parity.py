"""Does a file answer as its model did?"""
from __future__ import annotations

import math

import numpy as np
import pytest

from domain import parity
from domain.columns.category import UNSEEN
from domain.errors import ModelRejected
from domain.parity import TOLERANCE, ParityBroken
from domain.prediction import Predictions
from tests.builders import CARRIER, DISTANCE, ENGINE, FEATURES, TEMP, make_table, make_task

LABELS = (0, 1)
made_rows = make_task().rules.made_rows
BORDERS = {TEMP: np.float32([10.5]), DISTANCE: np.float32([np.finfo(np.float32).max])}


def classes(*shares: float, labels=LABELS) -> Predictions:
    probabilities = np.float32([[1 - share, share] for share in shares]).reshape(-1, 2)
    return Predictions(probabilities.argmax(axis=1), probabilities, labels)


def numbers(*values: float) -> Predictions:
    return Predictions(np.float32(values), None, ())


@pytest.mark.parametrize(("one", "other", "difference"), [
    (classes(0.5, 0.25), classes(0.5, 0.25), 0), (classes(0.5, 0.25), classes(0.5, 0.75), 0.5),
    (classes(), classes(), 0), (numbers(), numbers(), 0), (numbers(1e6), numbers(1e6 + 10), 1e-5),
    (numbers(0.5), numbers(0.25), 0.25), (numbers(-2e6), numbers(-1e6), 0.5),
    (classes(0.5), classes(0.5, 0.5), math.inf), (classes(0.5), classes(0.5, labels=(1, 0)), math.inf),
    (numbers(1), classes(1), math.inf), (numbers(math.nan), numbers(math.nan), math.inf),
    (classes(0.5), classes(math.nan), math.inf), (numbers(1), numbers(math.inf), math.inf),
])
def test_the_largest_difference(one, other, difference):
    assert parity.largest_difference(one, other) == pytest.approx(difference, rel=1e-3)


def test_what_is_allowed_and_what_is_not():
    assert parity.check(classes(0.5), classes(0.5 + TOLERANCE / 2), "rows") < TOLERANCE
    with pytest.raises(ParityBroken, match="differs .* by .* on the held-out rows; 1e-05 is allowed") as failure:
        parity.check(classes(0.5), classes(0.5 + TOLERANCE * 2), "the held-out rows")
    assert isinstance(failure.value, ModelRejected)


def test_made_rows_hold_what_exports_get_wrong():
    table = make_table(make_task(), 50)
    made = made_rows(FEATURES, table, BORDERS)
    assert list(made.columns) == [column.name for column in FEATURES]
    assert made[TEMP].dtype == table[TEMP].dtype
    border = np.float32(10.5)
    beside = {np.nextafter(border, np.float32(99)), np.nextafter(border, np.float32(0))}
    assert beside | {border} <= set(made[TEMP].tolist())
    for name in (TEMP, DISTANCE):
        assert np.isnan(made[name]).any()
        assert not np.isinf(made[name]).any()
        assert np.isin(table[name][~np.isnan(table[name])], made[name]).any(), "real values stay among them"
    for name in (CARRIER, ENGINE):
        assert {"", UNSEEN} <= set(made[name].tolist())
        assert {type(value) for value in made[name].tolist()} == {str}
    missing = np.isnan(made[TEMP])
    assert (missing & (made[CARRIER] == UNSEEN)).any() and (missing & (made[CARRIER] != UNSEEN)).any()


def test_made_rows_are_the_same_each_time_and_change_nothing():
    table = make_table(make_task(), 50)
    before = table[TEMP].copy()
    one, same, other = (made_rows(FEATURES, table, BORDERS, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one[TEMP], same[TEMP])
    assert one[CARRIER].tolist() == same[CARRIER].tolist() != other[CARRIER].tolist()
    np.testing.assert_array_equal(table[TEMP], before)


def test_a_feature_without_borders_and_a_single_row():
    assert made_rows(FEATURES, make_table(make_task(), 1), {}).n_rows > 100


@pytest.mark.parametrize("answers", [classes(0.25, 0.75, 1 / 3), numbers(1 / 3, -1e30, 3.4e38)])
def test_a_probe_comes_back(answers):
    rows = made_rows(FEATURES, make_table(make_task(), 5), BORDERS).take(slice(0, 3))
    table, reference = parity.read_probe(parity.probe_text(rows, answers), FEATURES, answers.labels)
    for name, values in rows.columns.items():
        np.testing.assert_array_equal(table[name], values)
        assert table[name].dtype == values.dtype
    assert parity.largest_difference(answers, reference) == 0


@pytest.mark.parametrize("text", [
    "", "{", "[]", "{}", "null", "5", '{"inputs": {}, "values": [], "probabilities": null}'])
def test_no_probe(text):
    with pytest.raises(ModelRejected, match="no probe"):
        parity.read_probe(text, FEATURES, LABELS)
