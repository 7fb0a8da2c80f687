from __future__ import annotations

import numpy as np
import pytest
from scipy.special import rel_entr

from domain.columns import ColumnType
from domain.drift import (
    BINS,
    KNOWN_CATEGORIES,
    SCORE,
    TOP_CATEGORIES,
    Reference,
    measure,
    psi,
    read_reference,
    take_reference,
)
from domain.schema import Column
from domain.table import Table
from tests.builders import texts

NUMBERS, WORDS = Column("number", ColumnType.NUMBER), Column("слово", ColumnType.CATEGORY)


def reference(numbers=None, words=None, scores=None) -> Reference:
    numbers = np.arange(1_000, dtype=np.float32) if numbers is None else np.asarray(numbers, dtype=np.float32)
    words = texts(["a", "b", "b", ""] * (len(numbers) // 4)) if words is None else texts(words)
    table = Table({"number": numbers, "слово": words})
    return take_reference([NUMBERS, WORDS], table, np.linspace(0.5, 1, 100) if scores is None else scores)


def test_psi_is_the_symmetric_divergence():
    random = np.random.default_rng(0)
    for _ in range(20):
        first, second = random.dirichlet(np.ones(11)) * 0.9 + 0.1 / 11, random.dirichlet(np.ones(11)) * 0.9 + 0.1 / 11
        oracle = rel_entr(first, second).sum() + rel_entr(second, first).sum()
        assert psi(first, second) == pytest.approx(oracle)


def test_an_empty_bin_keeps_it_finite():
    assert psi(np.array([0.5, 0.5, 0.0]), np.array([0.5, 0.0, 0.5])) == pytest.approx(
        2 * (0.5 - 1e-4) * np.log(0.5 / 1e-4))


def test_bins_hold_a_tenth_each():
    histogram = reference().histograms["number"]
    assert len(histogram.edges) == BINS - 1
    assert histogram.shares == pytest.approx([0.1] * BINS + [0.0], abs=0.002)
    assert (histogram.low, histogram.high) == (0.0, 999.0)


def test_the_same_rows_have_not_drifted():
    told = reference()
    found = measure(told.histograms["number"], np.arange(1_000.0))
    assert found.psi == pytest.approx(0, abs=1e-12) and (found.missing, found.unseen) == (0.0, 0.0)
    assert measure(told.histograms["слово"], texts(["b", "a", "", "b"])).psi == pytest.approx(0, abs=1e-12)


def test_other_rows_have():
    told = reference().histograms["number"]
    assert measure(told, np.arange(1_000.0) + 50).psi < 0.1
    assert measure(told, np.arange(1_000.0) + 400).psi > 0.25
    assert measure(told, np.full(100, 5.0)).psi > 1


def test_missing_and_unseen():
    told = reference()
    values = np.array([np.nan, -1.0, 0.0, 999.0, 1_000.0, np.nan, 5.0, 6.0])
    found = measure(told.histograms["number"], values)
    assert (found.missing, found.unseen) == (0.25, 0.25)
    found = measure(told.histograms["слово"], texts(["", "a", "новое", "b"]))
    assert (found.missing, found.unseen) == (0.25, 0.25)


def test_a_column_of_words_that_training_never_saw_one_of():
    told = read_reference(reference(np.arange(100), [""] * 100).to_text()).histograms["слово"]
    found = measure(told, texts(["новое", "", "", ""]))
    assert told.categories == () and (found.missing, found.unseen, found.current) == (0.75, 0.25, (0.25, 0.75))


def test_few_rows_of_training_are_nothing_to_compare_with():
    random = np.random.default_rng(0)
    few, enough = (take_reference([], Table({"n": np.zeros(rows)}), random.random(rows)) for rows in (99, 100))
    assert few.histograms == {} and read_reference(few.to_text()) == few
    assert list(enough.histograms) == [SCORE]


@pytest.mark.parametrize("numbers", [[5.0] * 100, [np.nan] * 100, [0.0] * 90 + [1.0] * 10])
def test_columns_without_much_in_them(numbers):
    histogram = reference(numbers, ["x"] * 100).histograms["number"]
    assert sum(histogram.shares) == pytest.approx(1)
    assert measure(histogram, np.array(numbers)).psi == pytest.approx(0, abs=1e-9)
    assert np.isfinite(measure(histogram, np.array([1e30, np.nan, -5.0])).psi)


def test_many_categories_share_a_bin_and_too_many_are_not_remembered():
    words = [f"w{number % 1_500}" for number in range(3_000)]
    histogram = reference(np.zeros(3_000), words).histograms["слово"]
    assert len(histogram.shares) == TOP_CATEGORIES + 2
    assert len(histogram.categories) == KNOWN_CATEGORIES
    assert measure(histogram, texts(["never seen"])).unseen is None


def test_every_field_comes_back_from_its_text():
    told = reference()
    assert read_reference(told.to_text()) == told
    assert set(told.histograms) == {"number", "слово", SCORE}
    assert read_reference("") is None


def test_two_samples_of_one_distribution_stay_below_the_usual_limits():
    random = np.random.default_rng(1)
    histogram = reference(random.normal(size=20_000), ["x"] * 20_000).histograms["number"]
    found = [measure(histogram, random.normal(size=1_000)).psi for _ in range(50)]
    assert max(found) < 0.05
    assert np.mean(found) == pytest.approx(9 / 1_000, rel=0.5), "(bins - 1) / rows"


def test_of_free_texts_the_length_is_compared():
    column = Column("review", ColumnType.TEXT)
    said = texts(["x" * (1 + number % 50) for number in range(200)])
    histogram = take_reference([column], Table({"review": said}), np.zeros(200)).histograms["review"]
    assert histogram.categories is None and (histogram.low, histogram.high) == (1, 50)
    assert measure(histogram, column.rules.gauge(said)).psi == 0
    assert measure(histogram, column.rules.gauge(texts(["y" * 500, ""] * 100))).psi > 1
