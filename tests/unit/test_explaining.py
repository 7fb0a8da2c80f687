from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.explaining import MOST_OTHERS, explain
from domain.prediction import Predictions
from domain.table import Table
from tests.builders import texts


def numbers(function):
    """A model of the columns a, b and c."""
    return lambda table: Predictions(np.asarray(function(*table.columns.values()), np.float32), None, ())


def table_of(rows) -> Table:
    return Table(dict(zip("abc", np.array(rows, np.float64).T, strict=True)))


def some(n_rows: int, seed: int = 0) -> Table:
    return table_of(np.random.default_rng(seed).normal(size=(n_rows, 3)))


def exactly(function, row: Table, others: Table) -> dict[str, float]:
    """Over all orders of the columns and all other rows."""
    found, orders = dict.fromkeys("abc", 0.0), list(permutations("abc"))
    for order in orders:
        for place in range(others.n_rows):
            now = {name: float(others[name][place]) for name in "abc"}
            for name in order:
                before = function(*now.values())
                now[name] = float(row[name][0])
                found[name] += (function(*now.values()) - before) / len(orders) / others.n_rows
    return found


def test_what_a_sum_is_made_of():
    others, row = some(20), table_of([[3.0, -1.0, 5.0]])
    found = explain(numbers(lambda a, b, c: 2 * a + b), row, others)
    assert found.label is None
    assert found.base == pytest.approx(float((2 * others["a"] + others["b"]).mean()), abs=1e-5)
    assert found.contributions == pytest.approx({
        "a": 2 * (3 - others["a"].mean()), "b": -1 - others["b"].mean(), "c": 0.0}, abs=1e-5)


@given(row=st.lists(st.floats(-9, 9), min_size=3, max_size=3), n_others=st.integers(1, 80))
def test_base_and_contributions_add_up_to_the_answer(row, n_others):
    model = numbers(lambda a, b, c: a * b + np.sin(c) * a)
    found = explain(model, table_of([row]), some(n_others))
    answer = float(model(table_of([row])).values[0])
    assert found.base + sum(found.contributions.values()) == pytest.approx(answer, abs=1e-3)


def test_what_columns_do_together_is_shared_among_them():
    others, row = some(MOST_OTHERS), table_of([[2.0, 3.0, 1.0]])
    found = explain(numbers(lambda a, b, c: a * b + c * c), row, others)
    wanted = exactly(lambda a, b, c: a * b + c * c, row, others)
    assert found.contributions == pytest.approx(wanted, abs=0.4)
    assert wanted["a"] > 1 and wanted["b"] > 1


def test_of_a_label_it_is_the_probability():
    def model(table: Table) -> Predictions:
        share = np.where(table["word"] == "ж", 0.9, 0.2).astype(np.float32)
        return Predictions(np.where(share > 0.5, "yes", "no").astype(object), np.stack([1 - share, share], 1),
                           ("no", "yes"))

    others = Table({"word": texts(["", "b", "c", "ж"]), "x": np.arange(4.0)})
    found = explain(model, Table({"word": texts(["ж"]), "x": np.array([7.0])}), others)
    assert (found.label, found.contributions["x"]) == ("yes", 0.0)
    assert (found.base, found.contributions["word"]) == (pytest.approx(0.375), pytest.approx(0.525))
    other_way = explain(model, Table({"word": texts(["b"]), "x": np.array([7.0])}), others)
    assert (other_way.label, other_way.base) == ("no", pytest.approx(0.625))


def test_it_is_the_probability_of_what_is_predicted_also_where_another_is_more_probable():
    def model(table: Table) -> Predictions:
        share = table["x"].astype(np.float32)
        return Predictions(np.where(share > 0.2, "yes", "no").astype(object), np.stack([1 - share, share], 1),
                           ("no", "yes"))

    found = explain(model, Table({"x": np.array([0.3])}), Table({"x": np.array([0.0, 0.2])}))
    assert (found.label, found.base) == ("yes", pytest.approx(0.1))
    assert found.contributions == pytest.approx({"x": 0.2})


def test_the_other_rows_are_taken_evenly():
    others = Table({"x": np.arange(10.0 * MOST_OTHERS)})
    first = others.take(slice(0, 1))
    found = explain(lambda table: Predictions(table["x"].astype(np.float32), None, ()), first, others)
    assert found.base == pytest.approx(float(others["x"].mean()))


def test_the_same_row_is_explained_the_same_way_and_no_more_is_asked_than_needed():
    asked = []

    def model(table: Table) -> Predictions:
        asked.append(table.n_rows)
        return numbers(lambda a, b, c: a * b * c)(table)

    first, second = (explain(model, table_of([[1.0, 2.0, 3.0]]), some(500)) for _ in range(2))
    assert first == second and asked == [1, 2 * 4 * MOST_OTHERS] * 2


def test_a_table_of_very_many_columns_is_set_against_fewer_rows():
    names = [f"c{number}" for number in range(1_500)]
    asked = []

    def model(table: Table) -> Predictions:
        asked.append(table.n_rows)
        return Predictions(np.asarray(table["c0"], np.float32), None, ())

    found = explain(model, Table({name: np.ones(1) for name in names}), Table({name: np.zeros(9) for name in names}))
    assert asked == [1, 2 * 1_501] and (found.base, found.contributions["c0"], found.contributions["c1"]) == (0, 1, 0)
