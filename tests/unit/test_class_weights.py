"""How much rows count in a training by their class."""
from __future__ import annotations

import numpy as np
import pytest

from adapters.catboost.card import CARD as CATBOOST
from adapters.matrix.cards import LIGHTGBM, LINEAR
from application.training.known_trainers import card_faults
from domain.class_weights import class_weights
from domain.kinds.kind import Problem
from domain.search import SearchWish, plan
from domain.training import Training
from tests.builders import make_task
from tests.pictures import make_picture_task

TARGETS = np.array([0] * 6 + [1] * 2)


def test_balanced_classes_count_alike():
    weights = class_weights(make_task(), "balanced", TARGETS)
    np.testing.assert_allclose(weights, [8 / (2 * 6), 8 / (2 * 2)])
    assert weights[TARGETS].mean() == pytest.approx(1)
    assert class_weights(make_task(), "none", TARGETS) is None


def test_by_label():
    weights = class_weights(make_task(), {"1": 3}, TARGETS)
    assert weights[1] / weights[0] == pytest.approx(3) and weights[TARGETS].mean() == pytest.approx(1)
    of_three = class_weights(make_task(Problem.MULTICLASS), {"late": 0.5}, np.array([0, 1, 2]))
    np.testing.assert_allclose(of_three / of_three[0], [1, 0.5, 1])


def test_a_class_that_no_row_has_makes_no_harm():
    weights = class_weights(make_task(Problem.MULTICLASS), "balanced", np.array([0, 0, 1]))
    assert np.isfinite(weights).all() and weights[[0, 0, 1]].mean() == pytest.approx(1)


@pytest.mark.parametrize("card", [CATBOOST, LINEAR, LIGHTGBM], ids=lambda card: card.name)
@pytest.mark.parametrize(("asked", "where", "said"), [
    ("ballanced", "class_weights", "none, balanced or a number for each label"),
    (3, "class_weights", "none, balanced or a number for each label"), ({}, "class_weights", "got none"),
    ({"0": 0, "1": True}, "class_weights", "above 0, 1e+06 at most, by label; got 0: the number 0, 1: true"),
    ({"1": float("nan")}, "class_weights", "above 0"), ({"1": float("inf")}, "class_weights", "above 0"),
    ({"2": 1, "1": 2}, "class_weights.2", "is no label of the task; they are 0, 1")])
def test_weights_that_cannot_be_used(card, asked, where, said):
    task = make_task()
    fault, = card_faults(card, task, Training.of(trainer=card.name, class_weights=asked))
    assert fault.where == f"params.{where}" and said in fault.problem


def test_where_there_are_no_labels():
    task = make_task(Problem.REGRESSION)
    fault, = card_faults(CATBOOST, task, Training.of(class_weights="balanced"))
    assert "is for labels" in fault.problem
    assert card_faults(CATBOOST, task, Training.of(class_weights="none")) == []


def test_pictures_have_labels_too():
    task = make_picture_task()
    assert card_faults(CATBOOST, task, Training.of(class_weights={"cell": 5})) == []
    fault, = card_faults(CATBOOST, task, Training.of(class_weights={"cells": 5}))
    assert "is no label of the task; they are cell, ground" in fault.problem


def test_a_search_among_weighted_ones_is_not_chosen_by_their_log_loss():
    for problem, by in ((Problem.BINARY, "auc"), (Problem.MULTICLASS, "f1_macro")):
        params = CATBOOST.resolved({"class_weights": "balanced"}, "tabular", 9)
        assert plan(SearchWish(), make_task(problem, training=Training(params=params)), CATBOOST, {}).by == by
