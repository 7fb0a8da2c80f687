"""Small tables get the mean of a few models, each stopped by another part of the rows."""
from __future__ import annotations

from dataclasses import replace

import catboost
import numpy as np
import pytest

from adapters.catboost.bag import Pools, can_be_dealt_out, fit_bag
from adapters.catboost.card import CARD
from adapters.catboost.trainer import CatboostTrainer
from adapters.onnx.model_runner import OnnxModelLoader
from domain.kinds.kind import Kind, Problem
from domain.schema import Column, Role, Schema
from domain.splitting import Parts, part
from domain.table import Table, concat
from domain.target_encoding import TargetEncoding, joined
from domain.task import Split, Task
from domain.training import Training
from tests.builders import CATEGORY, NUMBER

LABELS = {Problem.BINARY: ("no", "yes"), Problem.MULTICLASS: ("a", "b", "c"), Problem.REGRESSION: ()}
PARAMS = {"folds": 3, "iterations": 12, "learning_rate": 0.3, "depth": 3}


def make(problem: Problem, rows: int = 150, **params) -> tuple[Task, Parts]:
    random = np.random.default_rng(7)
    x, k = random.normal(size=rows), random.choice(["u", "v", "w", ""], rows)
    x[::9] = np.nan
    score = np.nan_to_num(x) + (k == "u") * 2
    labels = LABELS[problem]
    target = score if not labels else np.array(
        [labels[place] for place in np.digitize(score, np.quantile(score, np.linspace(0, 1, len(labels) + 1)[1:-1]))],
        dtype=object)
    schema = Schema((Column("x", NUMBER), Column("k", CATEGORY),
                     Column("y", CATEGORY if labels else NUMBER, role=Role.TARGET, nullable=False)))
    task = Task("small", Kind.TABULAR, problem, schema, labels, training=Training.of(**PARAMS | params))
    return task, part(Table({"x": x, "k": k.astype(object), "y": target}), Split())


def fit(task: Task, parts: Parts, tmp_path, seen=lambda *_: None):
    return CatboostTrainer().fit(task, parts, tmp_path, seen)


@pytest.mark.parametrize("problem", LABELS)
def test_the_file_answers_as_the_mean_does(problem, tmp_path):
    task, parts = make(problem)
    model = fit(task, parts, tmp_path)
    rows = concat([parts.train, parts.test]).without(("y",))
    ours, file = model.predict(rows), OnnxModelLoader().load(model.export()).predict(rows)
    if ours.probabilities is None:
        np.testing.assert_allclose(file.values, ours.values, rtol=1e-4, atol=1e-5)
    else:
        np.testing.assert_allclose(file.probabilities, ours.probabilities, atol=1e-5)
    assert set(model.importance) == {"x", "k"} and sum(model.importance.values()) == pytest.approx(1)
    assert len(model.borders["x"]) > 0 and len(model.learning_curve) == 12


def test_progress_goes_over_all_of_them(tmp_path):
    seen = []
    fit(*make(Problem.BINARY, early_stopping_rounds=0), tmp_path, lambda *told: seen.append(told[:2]))
    assert [number for number, _ in seen] == list(range(1, 37)) and {total for _, total in seen} == {36}


def test_rows_that_stop_are_answered_by_a_model_that_has_not_seen_them(tmp_path):
    task, _ = make(Problem.REGRESSION)
    targets = np.arange(30.0)
    dealt = []

    def pools(learned, stopping, fold):
        """What is learned is about the number of the fold, whatever the row."""
        dealt.append((set(learned.tolist()), set(stopping.tolist())))
        return Pools(*(catboost.Pool(places[:, None].astype(np.float32), fold + places % 2 / 10)
                       for places in (learned, stopping)), {}, [])

    bag = fit_bag(task, CARD.resolved(PARAMS, task.kind, 30), targets[:, None], pools, tmp_path, 1, lambda *_: None)
    assert all(learned.isdisjoint(stopping) and len(learned | stopping) == 30 for learned, stopping in dealt)
    for fold, (_, stopping) in enumerate(dealt):
        np.testing.assert_allclose(bag.unseen[sorted(stopping)], fold, atol=0.2)
    np.testing.assert_allclose(bag.booster.predict(targets[:, None]), 1, atol=0.2)


def test_it_is_fitted_once_more_on_all_rows(tmp_path):
    task, parts = make(Problem.BINARY)
    model = fit(task, parts, tmp_path)
    again = model.refit(concat([parts.train, parts.valid, parts.test]))
    assert not np.allclose(again.predict(parts.test).probabilities, model.predict(parts.test).probabilities)
    assert again.learning_curve == model.learning_curve


@pytest.mark.parametrize(("change", "targets", "dealt"), [
    ({}, [0] * 8 + [1] * 2, True), ({}, [0] * 9 + [1], False), ({}, [0] * 10, False), ({}, [0, 1] * 2, False),
    ({"split": Split(by="k")}, [0, 1] * 5, False),
])
def test_what_can_be_dealt_out(change, targets, dealt):
    task, _ = make(Problem.BINARY)
    assert can_be_dealt_out(replace(task, **change), PARAMS, np.array(targets)) is dealt
    assert not can_be_dealt_out(task, {"folds": 1}, np.array([0, 1] * 50))


def test_encodings_side_by_side():
    one = TargetEncoding(("a", "b"), np.array([[1], [2]], np.float32), np.array([0], np.float32))
    two = TargetEncoding(("b", "c"), np.array([[3], [4]], np.float32), np.array([9], np.float32))
    both = joined([one, two])
    np.testing.assert_array_equal(both.transform(np.array(["a", "b", "c", "d"], dtype=object)), [
        [1, 9], [2, 3], [0, 4], [0, 9]])
