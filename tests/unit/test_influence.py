"""How far each row draws a metric, against leaving each row out; and what rows show of two models."""
from __future__ import annotations

import numpy as np
import pytest

from domain.kinds import RULES
from domain.kinds.kind import Kind, Problem
from domain.prediction import Predictions
from domain.shown_difference import Verdict, shown_differences
from tests.builders import make_task
from tests.pictures import make_picture_task

ROWS = 400
PROBLEMS = [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION]


def answered(problem: Problem, noise: float, seed: int = 0, rows: int = ROWS):
    """Targets that the seed alone decides, and answers that know them up to the noise."""
    truth, errors = np.random.default_rng(seed), np.random.default_rng([seed, round(noise * 1000)])
    if problem is Problem.REGRESSION:
        targets = truth.normal(5, 3, rows)
        return targets, targets + noise * errors.standard_t(6, rows)
    labels = make_task(problem).labels
    targets = truth.choice(len(labels), rows, p=np.arange(1, len(labels) + 1) / sum(range(1, len(labels) + 1)))
    logits = 2.0 * np.eye(len(labels))[targets] + noise * errors.normal(size=(rows, len(labels)))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    # In steps, so that there are ties.
    positive = shares.round(2)[:, 1]
    return targets, (np.column_stack([positive, positive > 0.5]) if problem is Problem.BINARY else shares)


def judged(problem: Problem, targets, answers):
    rules = RULES[Kind.TABULAR, problem]
    return rules.measured(targets, answers), rules.influences(targets, answers)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_each_row_draws_every_metric_as_leaving_it_out_tells(problem):
    targets, answers = answered(problem, 1.5)
    metrics, influences = judged(problem, targets, answers)
    assert list(influences) == list(RULES[Kind.TABULAR, problem].metrics)
    without = [judged(problem, np.delete(targets, row), np.delete(answers, row, axis=0))[0] for row in range(ROWS)]
    for name, drawn in influences.items():
        left_out = (ROWS - 1) * np.array([metrics[name] - values[name] for values in without])
        assert drawn.sum() == pytest.approx(0, abs=1e-9 * ROWS)
        np.testing.assert_allclose(drawn, left_out - left_out.mean(), atol=0.05 * np.abs(drawn).max(), err_msg=name)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_intervals_hold_what_they_say(problem):
    """Of two models that are as good, nine to ten of ten samples do not tell which is better."""
    unclear: dict[str, list[bool]] = {}
    for seed in range(200):
        for name, shown in shown_of(problem, (1.0, 1.001), seed, 150).items():
            unclear.setdefault(name, []).append(shown.verdict is Verdict.UNCLEAR)
    for name, found in unclear.items():
        assert 0.9 <= np.mean(found) <= 0.99, (name, np.mean(found))


def shown_of(problem: Problem, noises: tuple[float, float], seed: int = 0, rows: int = ROWS, groups=None):
    (first, drawn), (second, of_second) = (
        judged(problem, *answered(problem, noise, seed, rows)) for noise in noises)
    return shown_differences(first, second, drawn, of_second, groups)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_much_better_model_is_told_by_every_metric(problem):
    for noises, verdict in (((0.5, 4.0), Verdict.BETTER), ((4.0, 0.5), Verdict.WORSE)):
        shown = shown_of(problem, noises)
        assert list(shown) == list(RULES[Kind.TABULAR, problem].metrics)
        assert {found.verdict for found in shown.values()} == {verdict}
        assert all(found.low < found.value < found.high for found in shown.values())


def test_a_pair_tells_what_two_single_intervals_would_not():
    """Both err on nearly the same rows."""
    targets, answers = answered(Problem.REGRESSION, 1.0)
    first, drawn = judged(Problem.REGRESSION, targets, answers)
    second, of_second = judged(Problem.REGRESSION, targets, targets + 1.02 * (answers - targets))
    alone = 1.96 * np.sqrt((drawn["rmse"] ** 2).sum()) / ROWS
    shown = shown_differences(first, second, drawn, of_second, None)["rmse"]
    assert abs(shown.value) < alone and shown.verdict is Verdict.BETTER


def test_rows_that_came_in_groups_count_as_groups():
    """Each row eight times is no more known than once."""
    targets, answers = answered(Problem.BINARY, 1.0, rows=60)
    _, others = answered(Problem.BINARY, 1.3, rows=60)
    eight, groups = [np.repeat(values, 8, axis=0) for values in (targets, answers, others)], np.repeat(np.arange(60), 8)

    def shown(truth, mine, theirs, groups):
        (first, drawn), (second, of_second) = judged(Problem.BINARY, truth, mine), judged(Problem.BINARY, truth, theirs)
        return shown_differences(first, second, drawn, of_second, groups)
    once, grouped, alone = shown(targets, answers, others, None), shown(*eight, groups), shown(*eight, None)
    for name, found in once.items():
        assert (grouped[name].low, grouped[name].high) == pytest.approx((found.low, found.high))
        assert alone[name].high - alone[name].low < 0.5 * (found.high - found.low)
    assert shown(*eight, groups % 2) == {}, "two groups have no spread to speak of"


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_same_answers_show_no_difference(problem):
    assert {(found.value, found.low, found.high, found.verdict) for found in shown_of(problem, (1.0, 1.0)).values()
            } == {(0.0, 0.0, 0.0, Verdict.UNCLEAR)}


def test_a_metric_without_a_value_has_no_difference():
    targets, scores = np.zeros(20, np.int64), np.linspace(0, 0.4, 20)
    metrics, influences = judged(Problem.BINARY, targets, np.column_stack([scores, np.zeros(20)]))
    assert set(influences) == {name for name, value in metrics.items() if value is not None} == {
        "logloss", "brier", "accuracy"}
    constant = judged(Problem.REGRESSION, np.ones(9), np.ones(9))
    assert constant[0]["r2"] is None and set(constant[1]) == {"rmse", "mae"} and not constant[1]["rmse"].any()


def test_pictures_that_do_not_count_draw_nothing():
    task = make_picture_task()
    scorer = task.rules.scorer(task)
    truth, answer = np.empty(4, object), np.empty(4, object)
    for row, (value, guess) in enumerate([(1, 1), (255, 0), (1, 0), (0, 0)]):
        truth[row], answer[row] = np.full((2, 2), value, np.uint8), np.full((2, 2), guess, np.uint8)
    scorer.add(truth, Predictions(answer, None, task.labels))
    drawn = scorer.influences()
    assert set(drawn) == set(scorer.metrics()) and drawn["iou"].sum() == pytest.approx(0)
    # The mean of three pictures, 1, 0 and 1, of the four that were sent.
    np.testing.assert_allclose(drawn["iou"], np.array([1 / 3, 0, -2 / 3, 1 / 3]) * 4 / 3)


def test_what_rounding_makes_is_no_difference():
    """The same way in every row, so that the interval is as narrow as the difference is small."""
    targets, answers = answered(Problem.REGRESSION, 1.0)
    first, drawn = judged(Problem.REGRESSION, targets, answers)
    second, of_second = judged(Problem.REGRESSION, targets, targets + (1 + 1e-8) * (answers - targets))
    assert {shown.verdict for shown in shown_differences(first, second, drawn, of_second, None).values()} == {
        Verdict.UNCLEAR}
