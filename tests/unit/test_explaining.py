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


def explained(predict, row: Table, others: Table):
    """The label that is predicted, the base, and the contributions by column."""
    answer = predict(row)
    label = None if answer.probabilities is None else answer.values.tolist()[0]
    base, added = explain(predict, row, label, others)
    return label, base, dict(zip(row.columns, added.tolist(), strict=True))


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
    _, base, contributions = explained(numbers(lambda a, b, c: 2 * a + b), row, others)
    assert base == pytest.approx(float((2 * others["a"] + others["b"]).mean()), abs=1e-5)
    assert contributions == pytest.approx({
        "a": 2 * (3 - others["a"].mean()), "b": -1 - others["b"].mean(), "c": 0.0}, abs=1e-5)


@given(row=st.lists(st.floats(-9, 9), min_size=3, max_size=3), n_others=st.integers(1, 80))
def test_base_and_contributions_add_up_to_the_answer(row, n_others):
    model = numbers(lambda a, b, c: a * b + np.sin(c) * a)
    _, base, contributions = explained(model, table_of([row]), some(n_others))
    answer = float(model(table_of([row])).values[0])
    assert base + sum(contributions.values()) == pytest.approx(answer, abs=1e-3)


def test_what_columns_do_together_is_shared_among_them():
    others, row = some(MOST_OTHERS), table_of([[2.0, 3.0, 1.0]])
    _, _, contributions = explained(numbers(lambda a, b, c: a * b + c * c), row, others)
    wanted = exactly(lambda a, b, c: a * b + c * c, row, others)
    assert contributions == pytest.approx(wanted, abs=0.4)
    assert wanted["a"] > 1 and wanted["b"] > 1


def test_of_a_label_it_is_the_probability():
    def model(table: Table) -> Predictions:
        share = np.where(table["word"] == "ж", 0.9, 0.2).astype(np.float32)
        return Predictions(np.where(share > 0.5, "yes", "no").astype(object), np.stack([1 - share, share], 1),
                           ("no", "yes"))

    others = Table({"word": texts(["", "b", "c", "ж"]), "x": np.arange(4.0)})
    label, base, contributions = explained(model, Table({"word": texts(["ж"]), "x": np.array([7.0])}), others)
    assert (label, contributions["x"]) == ("yes", 0.0)
    assert (base, contributions["word"]) == (pytest.approx(0.375), pytest.approx(0.525))
    label, base, _ = explained(model, Table({"word": texts(["b"]), "x": np.array([7.0])}), others)
    assert (label, base) == ("no", pytest.approx(0.625))


def test_it_is_the_probability_of_what_is_predicted_also_where_another_is_more_probable():
    def model(table: Table) -> Predictions:
        share = table["x"].astype(np.float32)
        return Predictions(np.where(share > 0.2, "yes", "no").astype(object), np.stack([1 - share, share], 1),
                           ("no", "yes"))

    label, base, contributions = explained(model, Table({"x": np.array([0.3])}), Table({"x": np.array([0.0, 0.2])}))
    assert (label, base) == ("yes", pytest.approx(0.1))
    assert contributions == pytest.approx({"x": 0.2})


def test_the_other_rows_are_taken_evenly():
    others = Table({"x": np.arange(10.0 * MOST_OTHERS)})
    first = others.take(slice(0, 1))
    base, _ = explain(lambda table: Predictions(table["x"].astype(np.float32), None, ()), first, None, others)
    assert base == pytest.approx(float(others["x"].mean()))


def test_the_same_row_is_explained_the_same_way_and_no_more_is_asked_than_needed():
    asked = []

    def model(table: Table) -> Predictions:
        asked.append(table.n_rows)
        return numbers(lambda a, b, c: a * b * c)(table)

    first, second = (explain(model, table_of([[1.0, 2.0, 3.0]]), None, some(500)) for _ in range(2))
    assert first[0] == second[0] and first[1].tolist() == second[1].tolist() and asked == [2 * 4 * MOST_OTHERS] * 2


def test_a_table_of_very_many_columns_is_set_against_fewer_rows():
    names = [f"c{number}" for number in range(1_500)]
    asked = []

    def model(table: Table) -> Predictions:
        asked.append(table.n_rows)
        return Predictions(np.asarray(table["c0"], np.float32), None, ())

    base, added = explain(model, Table({name: np.ones(1) for name in names}), None,
                          Table({name: np.zeros(9) for name in names}))
    assert asked == [2 * 1_501] and (base, added[0], added[1]) == (0, 1, 0)
