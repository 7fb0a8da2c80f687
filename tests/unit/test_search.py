"""Which settings a search tries, and what of a wish for one can be used."""
from __future__ import annotations

import json
from dataclasses import replace

import pytest

from adapters.catboost.card import CARD as CATBOOST
from adapters.matrix.cards import LIGHTGBM, LINEAR
from domain.kinds.kind import Kind, Problem
from domain.search import (
    LEAST_VALID_ROWS,
    Search,
    SearchWish,
    Trial,
    from_plain,
    plan,
    read_wish,
    to_plain,
    too_few_to_choose,
)
from domain.trainer_card import Parameter, TrainerCard
from domain.training import Training
from tests.builders import make_task

FOREST = TrainerCard("forest", (Kind.TABULAR,), tuple(Problem), {
    "trees": Parameter("integer", 100, 1, 1_000), "share": Parameter("number", 0.5, 0.0, 1.0),
    "rule": Parameter("text", "gini", choices=("gini", "entropy")), "balanced": Parameter("boolean", False),
    "any_text": Parameter("text", "x"), "open": Parameter("number", 1.0, 0.0),
    "pinned": Parameter("integer", 3, 1, 9, tried=())})


def planned(card, wish, rows=10_000, **fixed):
    task = make_task()
    training = Training(card.name, params=card.resolved(fixed, task.kind, rows, task.problem))
    return plan(wish, replace(task, training=training), card, fixed)


@pytest.mark.parametrize("card", [CATBOOST, LINEAR, LIGHTGBM], ids=lambda card: card.name)
def test_the_ladder_begins_with_the_usual_settings(card):
    search = planned(card, SearchWish())
    assert search.plan[0] == {} and len(search.plan) == len(card.ladder) > 2
    assert (search.by, search.budget_s, search.best) == ("logloss", None, None)
    assert all(card.faults(settings) == [] for settings in search.plan)


def test_what_is_named_is_not_tried():
    search = planned(CATBOOST, SearchWish(), depth=4)
    assert search.plan == ({}, {"l2_leaf_reg": 10.0},
                           {"learning_rate": 0.03, "iterations": 3_000, "early_stopping_rounds": 150})


def test_what_differs_alone_is_told():
    few = planned(CATBOOST, SearchWish(), rows=1_000)
    assert {"depth": 4} in few.plan and few.plan[0] == {}
    assert planned(CATBOOST, SearchWish(), depth=4, l2_leaf_reg=10.0, learning_rate=0.1, iterations=5,
                   early_stopping_rounds=0).plan == ({},)


@pytest.mark.parametrize("card", [CATBOOST, LINEAR, LIGHTGBM, FOREST], ids=lambda card: card.name)
def test_trials_are_drawn_within_the_ranges_the_same_for_the_same_seed(card):
    search = planned(card, SearchWish(trials=40))
    assert len(search.plan) == 40 and search == planned(card, SearchWish(trials=40))
    assert len({json.dumps(settings, sort_keys=True) for settings in search.plan}) == 40
    ladder = max(len(card.ladder), 1)
    assert all(settings in [*card.ladder, {}] for settings in search.plan[:ladder])
    for settings in search.plan[ladder:]:
        assert card.faults(settings) == []
        for name, value in settings.items():
            tried = card.params[name].tried
            assert tried is None or tried[0] <= value <= tried[-1], name


def test_a_trainer_without_a_ladder_gets_trials_over_its_card():
    search = planned(FOREST, SearchWish())
    assert len(search.plan) == 12
    assert {name for settings in search.plan for name in settings} == {"trees", "share", "rule", "balanced"}
    trees = [settings["trees"] for settings in planned(FOREST, SearchWish(trials=100)).plan[1:]]
    assert 10 < sorted(trees)[50] < 100, "half of them below a half of the decades"
    assert all(type(number) is int for number in trees)


def test_a_budget_alone_plans_many():
    assert len(planned(CATBOOST, SearchWish(budget_s=60)).plan) == 100


def test_the_metric_that_chooses():
    assert planned(CATBOOST, SearchWish()).by == "logloss"
    usual = Training(params=CATBOOST.resolved({}, Kind.TABULAR, 9))
    regression = replace(make_task(Problem.REGRESSION), training=usual)
    assert plan(SearchWish(), regression, CATBOOST, {}).by == "rmse"


def test_the_best_is_the_first_of_the_best():
    trials = [Trial(2, {}, "succeeded", 0.5), Trial(3, {}, "failed"), Trial(4, {"depth": 4}, "succeeded", 0.4),
              Trial(5, {"depth": 8}, "succeeded", 0.4)]
    low = Search("logloss", ({},) * 4, tried=trials)
    assert low.best == trials[2] and replace(low, by="auc").best == trials[0]
    assert replace(low, tried=trials[1:2]).best is None


def test_it_comes_back_from_json():
    search = Search("auc", ({}, {"depth": 4}), 60.0, (Trial(7, {"depth": 4}, "failed"),), "60 s were over")
    assert from_plain(json.loads(json.dumps(to_plain(search)))) == search


@pytest.mark.parametrize(("asked", "wish"), [
    (None, None), (False, None), (True, SearchWish()), ({"trials": 7}, SearchWish(7)),
    ({"budget_s": 9.5}, SearchWish(budget_s=9.5)), ({"trials": 2, "budget_s": 60}, SearchWish(2, 60))])
def test_a_wish(asked, wish):
    assert read_wish(asked) == (wish, [])


@pytest.mark.parametrize(("asked", "where", "said"), [
    ("yes", "params.search", "expected true, or trials and budget_s, got \"yes\""),
    (1, "params.search", "expected true"), ([], "params.search", "expected true"), ({}, "params.search", "neither"),
    ({"trials": 1}, "params.search.trials", "between 2 and 200"), ({"trials": 2.5}, "params.search.trials", "integer"),
    ({"trials": True}, "params.search.trials", "integer"), ({"budget_s": 0}, "params.search.budget_s", "between 1 and"),
    ({"budget_s": float("nan")}, "params.search.budget_s", "between 1 and"),
    ({"tries": 3}, "params.search.tries", "is unknown; known are trials, budget_s")])
def test_a_wish_that_cannot_be_used(asked, where, said):
    wish, (fault,) = read_wish(asked)
    assert wish is None and fault.where == where and said in fault.problem


def test_few_rows_choose_nothing():
    assert too_few_to_choose(LEAST_VALID_ROWS) is None
    assert "499 rows would choose" in too_few_to_choose(499).problem


def test_a_ladder_that_its_own_trainer_cannot_climb():
    with pytest.raises(ValueError, match="the ladder of forest: params.trees must be between 1 and 1000"):
        replace(FOREST, ladder=({"trees": 0},))
