"""The metrics against scikit-learn."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics

from domain import scoring
from domain.errors import InvalidInput
from domain.kinds import RULES
from domain.kinds.kind import Kind, Problem
from domain.prediction import Predictions
from tests.builders import make_task

# Ties are what goes wrong, so most scores come from a few values; float32 as a model gives them.
shares = st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.75, 1.0]) | st.floats(0, 1, width=32)


@st.composite
def binary(draw, both: bool = False) -> tuple[np.ndarray, np.ndarray]:
    n_rows = draw(st.integers(2 if both else 1, 30))
    targets = draw(arrays.arrays(np.int64, n_rows, elements=st.integers(0, 1)))
    if both:
        targets[:2] = 0, 1
    return targets, draw(arrays.arrays(np.float64, n_rows, elements=shares))


@st.composite
def multiclass(draw) -> tuple[np.ndarray, np.ndarray]:
    n_rows, classes = draw(st.integers(1, 30)), draw(st.integers(3, 5))
    weights = draw(arrays.arrays(np.float64, (n_rows, classes), elements=st.sampled_from([0.01, 1.0, 2.0, 7.0])))
    targets = draw(arrays.arrays(np.int64, n_rows, elements=st.integers(0, classes - 1)))
    return targets, weights / weights.sum(axis=1, keepdims=True)


@given(binary(both=True), st.sampled_from([0.2, 0.5, 0.9]))
def test_binary_metrics(case, threshold):
    targets, scores = case
    predicted = (scores > threshold).astype(int)
    ours = scoring.binary_metrics(targets, scores, predicted == 1)
    clipped = np.clip(scores, scoring.EPSILON, 1 - scoring.EPSILON)
    theirs = {
        "auc": metrics.roc_auc_score(targets, scores),
        "average_precision": metrics.average_precision_score(targets, scores),
        "logloss": metrics.log_loss(targets, clipped, labels=[0, 1]),
        "brier": metrics.brier_score_loss(targets, scores), "accuracy": metrics.accuracy_score(targets, predicted),
        "f1": metrics.f1_score(targets, predicted, zero_division=0),
        "precision": metrics.precision_score(targets, predicted) if predicted.any() else None,
        "recall": metrics.recall_score(targets, predicted, zero_division=0),
    }
    assert ours == pytest.approx(theirs, abs=1e-9)


@given(binary())
def test_binary_curves(case):
    targets, scores = case
    roc = scoring.roc_curve(targets, scores)
    assert (roc[0]["fpr"], roc[0]["tpr"]) == (0, 0)
    for name in ("fpr", "tpr"):
        assert [point[name] for point in roc] == sorted(point[name] for point in roc)
        assert all(0 <= point[name] <= 1 for point in roc)
    if 0 < targets.sum() < len(targets):
        assert (roc[-1]["fpr"], roc[-1]["tpr"]) == (1, 1)
        area = np.trapezoid([point["tpr"] for point in roc], [point["fpr"] for point in roc])
        assert area == pytest.approx(scoring.auc(targets, scores))
    calibration = scoring.calibration_curve(targets, scores)
    assert sum(point["rows"] for point in calibration) == len(targets)
    assert sum(point["rows"] * point["observed"] for point in calibration) == pytest.approx(targets.sum())
    assert all(0 <= point["precision"] <= 1 for point in scoring.precision_recall_curve(targets, scores))


@given(binary())
def test_what_answers_would_be_like_at_other_thresholds(case):
    targets, scores = case
    found = {(row["threshold"], row["metric"]): row["value"] for row in scoring.at_thresholds(
        targets, scores, [0.1, 0.5, 0.9])}
    ours = scoring.binary_metrics(targets, scores, scores > 0.5)
    assert {name: found.get((0.5, name)) for name in ("precision", "recall", "f1")} == {
        name: ours[name] for name in ("precision", "recall", "f1")}
    for threshold in (0.1, 0.9):
        predicted = (scores > threshold).astype(int)
        negatives = int((targets == 0).sum())
        assert found.get((threshold, "fpr")) == (
            None if not negatives else pytest.approx(int(predicted[targets == 0].sum()) / negatives))
        if predicted.any():
            assert found[threshold, "precision"] == pytest.approx(metrics.precision_score(targets, predicted))


@given(multiclass())
def test_multiclass_metrics(case):
    targets, probabilities = case
    ours, predicted = scoring.multiclass_metrics(targets, probabilities), probabilities.argmax(axis=1)
    theirs = {
        "accuracy": metrics.accuracy_score(targets, predicted),
        "f1_macro": metrics.f1_score(targets, predicted, average="macro"),
        "logloss": metrics.log_loss(targets, probabilities, labels=range(probabilities.shape[1])),
    }
    assert ours == pytest.approx(theirs)


@given(st.data(), st.integers(2, 30))
def test_regression_metrics(data, n_rows):
    targets, values = (data.draw(arrays.arrays(np.float32, n_rows, elements=st.floats(-1e6, 1e6, width=32))).astype(
        np.float64) for _ in range(2))
    ours = scoring.regression_metrics(targets, values)
    assert ours["rmse"] == pytest.approx(metrics.root_mean_squared_error(targets, values))
    assert ours["mae"] == pytest.approx(metrics.mean_absolute_error(targets, values))
    if len(set(targets)) == 1:
        assert ours["r2"] is None
    else:
        assert ours["r2"] == pytest.approx(metrics.r2_score(targets, values))


@given(multiclass())
def test_confusion(case):
    targets, probabilities = case
    classes, predicted = probabilities.shape[1], probabilities.argmax(axis=1)
    expected = metrics.confusion_matrix(targets, predicted, labels=range(classes))
    np.testing.assert_array_equal(scoring.confusion(targets, predicted, classes), expected)


def predictions(problem: Problem, n_rows: int) -> Predictions:
    if problem is Problem.REGRESSION:
        return Predictions(np.ones(n_rows, dtype=np.float32), None, ())
    labels = make_task(problem).labels
    probabilities = np.full((n_rows, len(labels)), 1 / len(labels), dtype=np.float32)
    return Predictions(np.array([labels[0]] * n_rows), probabilities, labels)


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION])
def test_what_has_no_value_is_left_out(problem):
    left_out = {Problem.BINARY: {"auc", "average_precision", "recall", "f1"}, Problem.REGRESSION: {"r2"},
                Problem.MULTICLASS: set()}
    same = np.zeros(4, dtype=np.float64 if problem is Problem.REGRESSION else np.int64)
    several = np.array([0, 1, 0, 1], dtype=same.dtype)
    found = {name: scoring.score(make_task(problem), targets, predictions(problem, 4)) for name, targets in (
        ("same", same), ("several", several))}
    assert set(found["several"]) - set(found["same"]) == left_out[problem]
    assert all(type(value) is float for value in found["several"].values())
    assert RULES[Kind.TABULAR, problem].main_metric in found["several"]
    # No answer is the positive label, so none of them can be a right or a wrong one.
    assert [*found["several"]] == [name for name in RULES[Kind.TABULAR, problem].metrics if name != "precision"]
    assert set(found["several"]) <= set(scoring.LARGER_IS_BETTER)


@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION])
def test_no_rows(problem):
    with pytest.raises(InvalidInput, match="no labelled rows"):
        scoring.score(make_task(problem), np.empty(0, dtype=np.int64), predictions(problem, 0))


def test_long_curves_are_thinned_and_keep_their_ends():
    random = np.random.default_rng(0)
    targets, scores = random.integers(0, 2, 5_000), random.random(5_000)
    roc = scoring.roc_curve(targets, scores, points=50)
    assert len(roc) == 51
    assert (roc[-1]["fpr"], roc[-1]["tpr"]) == (1, 1)
    assert roc[-1]["threshold"] == scores.min()


def test_better():
    assert scoring.is_better("auc", 0.8, 0.7) and not scoring.is_better("auc", 0.7, 0.7)
    assert scoring.is_better("rmse", 1.0, 2.0) and not scoring.is_better("rmse", 2.0, 1.0)
    assert not scoring.is_better("auc", float("nan"), 0.5)
