"""The target encoder against scikit-learn's, and the promise that no row sees its own target."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import TargetEncoder

from domain.target_encoding import (
    COMMON_ROWS,
    FEW_CATEGORIES,
    balanced_folds,
    cross_fit,
    encode_for_training,
    fit,
)

SMOOTHINGS = pytest.mark.parametrize("smoothing", ["auto", 0.0, 5.0])


def table(n_rows: int = 400, n_classes: int = 1, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Strings, some of them rare, one of them missing, and targets float64[n, 1] or one column per class."""
    rng = np.random.default_rng(seed)
    values = np.array(["", "a", "b", "ж", *"cdefgh"], dtype=object)[np.minimum(rng.geometric(0.3, n_rows) - 1, 9)]
    shift = np.array([len(v) + sum(map(ord, v)) % 3 for v in values])
    if n_classes == 1:
        return values, (shift + rng.normal(size=n_rows))[:, None]
    return values, np.eye(n_classes)[(shift + rng.integers(0, 2, n_rows)) % n_classes]


def oracle(values, targets, asked, smoothing):
    """scikit-learn's encoding of `asked` after a fit on the rest, float64[len(asked), k]."""
    labels = targets[:, 0] if targets.shape[1] == 1 else targets.argmax(axis=1)
    kind = "continuous" if targets.shape[1] == 1 else "multiclass"
    return TargetEncoder(smooth=smoothing, target_type=kind).fit(values[:, None], labels).transform(asked[:, None])


@SMOOTHINGS
@pytest.mark.parametrize("n_classes", [1, 3, 4])
def test_fit_agrees_with_scikit_learn(n_classes, smoothing):
    values, targets = table(n_classes=n_classes)
    asked = np.append(values[:50], ["never seen", ""]).astype(object)
    np.testing.assert_allclose(
        fit(values, targets, smoothing).transform(asked), oracle(values, targets, asked, smoothing), atol=1e-6)


@SMOOTHINGS
@pytest.mark.parametrize("n_classes", [1, 3])
def test_each_fold_is_encoded_by_a_fit_on_the_others(n_classes, smoothing):
    values, targets = table(n_classes=n_classes)
    encoded, _ = cross_fit(values, targets, 5, 7, smoothing)
    fold_of = balanced_folds(targets, 5, 7)
    for fold in range(5):
        out = fold_of == fold
        np.testing.assert_allclose(
            encoded[out], oracle(values[~out], targets[~out], values[out], smoothing), atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(row=st.integers(0, 59), seed=st.integers(0, 5), smoothing=st.sampled_from(["auto", 1.0, 5.0]))
def test_a_rows_own_target_does_not_reach_its_encoding(row, seed, smoothing):
    values, _ = table(60, seed=seed)
    targets = np.arange(60.0)[:, None]  # the change below keeps the order, and with it the folds
    changed = targets.copy()
    changed[row] += 0.5
    before, after = (cross_fit(values, t, 4, seed, smoothing)[0] for t in (targets, changed))
    assert before[row] == pytest.approx(after[row], abs=1e-5)
    assert not np.array_equal(before, after)


def test_the_fit_on_all_rows_comes_along():
    values, targets = table(n_classes=3)
    _, whole = cross_fit(values, targets, 5, 0, "auto")
    alone = fit(values, targets, "auto")
    assert whole.categories == alone.categories == tuple(sorted(set(values)))
    np.testing.assert_array_equal(whole.vectors, alone.vectors)
    np.testing.assert_allclose(whole.default, targets.mean(axis=0), rtol=1e-6)


def test_the_seed_decides_the_folds():
    values, targets = table()
    first, again, other = (cross_fit(values, targets, 5, seed)[0] for seed in (1, 1, 2))
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_folds_have_equal_shares_of_a_rare_class():
    targets = np.eye(2)[(np.arange(100) < 10).astype(int)]
    fold_of = balanced_folds(targets, 5, 0)
    assert np.bincount(fold_of).tolist() == [20] * 5
    assert np.bincount(fold_of[:10]).tolist() == [2] * 5


def test_an_unseen_category_is_the_overall_mean_and_a_missing_one_is_a_category():
    encoding = fit(np.array(["", "", "a"], dtype=object), np.array([[1.0], [1.0], [4.0]]), 0.0)
    assert encoding.transform(np.array(["", "a", "b"], dtype=object)).tolist() == [[1.0], [4.0], [2.0]]
    assert encoding.transform(np.array([], dtype=object)).shape == (0, 1)


@SMOOTHINGS
@pytest.mark.parametrize("n_rows", [1, 2, 3])
def test_tiny_tables_give_numbers(n_rows, smoothing):
    values = np.array(["a", "b", "c"], dtype=object)[:n_rows]
    encoded, encoding = cross_fit(values, np.ones((n_rows, 1)), 5, 0, smoothing)
    assert encoded.tolist() == [[1.0]] * n_rows
    assert encoding.vectors.tolist() == [[1.0]] * n_rows


@SMOOTHINGS
def test_a_large_offset_does_not_lose_the_variance(smoothing):
    values, targets = table()
    near, far = fit(values, targets, smoothing), fit(values, targets + 1e6, smoothing)
    np.testing.assert_allclose(far.vectors - np.float32(1e6), near.vectors, atol=0.07)  # a float32 step at 1e6


def test_common_categories_of_a_column_of_few_are_trained_on_as_they_are_served():
    values, targets = table()
    encoded, encoding = encode_for_training(values, targets, 5, 0)
    out_of_fold, _ = cross_fit(values, targets, 5, 0)
    common = np.array([(values == value).sum() >= COMMON_ROWS for value in values])
    assert 0 < common.sum() < len(values)
    np.testing.assert_array_equal(encoded[common], encoding.transform(values[common]))
    np.testing.assert_array_equal(encoded[~common], out_of_fold[~common])


def test_in_a_column_of_many_categories_no_row_sees_its_own_target():
    values = np.array([f"plane {row % (FEW_CATEGORIES + 1)}" for row in range(COMMON_ROWS * 50)], dtype=object)
    targets = np.arange(float(len(values)))[:, None]
    np.testing.assert_array_equal(*(make(values, targets, 5, 0)[0] for make in (encode_for_training, cross_fit)))
