"""Defaults of a trainer that hold for some tasks alone."""
from __future__ import annotations

import json

import pytest

from adapters.catboost.card import CARD
from domain.kinds.kind import Kind, Problem
from domain.trainer_card import Adapted, Parameter, ParameterType, TrainerCard, from_plain, to_plain

TREES = TrainerCard(
    "trees", tuple(Kind), tuple(Problem), {"trees": Parameter(ParameterType.INTEGER, 1, 1, 99)}, (
        Adapted(Kind.TABULAR, 10, {"trees": 2}), Adapted(Kind.TABULAR, 20, {"trees": 3}, (Problem.MULTICLASS,)),
        Adapted(Kind.TABULAR, 20, {"trees": 4})))


@pytest.mark.parametrize(("kind", "rows", "problem", "trees"), [
    ("tabular", 10, "multiclass", 2), ("tabular", 10, "binary", 2), ("tabular", 11, "multiclass", 3),
    ("tabular", 20, "multiclass", 3), ("tabular", 20, "regression", 4), ("tabular", 20, None, 4),
    ("tabular", 21, "multiclass", 1), ("image", 5, "multiclass", 1)])
def test_the_first_that_suits_holds(kind, rows, problem, trees):
    for card in (TREES, from_plain(json.loads(json.dumps(to_plain(TREES))))):
        assert card.resolved({}, Kind(kind), rows, problem and Problem(problem)) == {"trees": trees}
        assert card.resolved({"trees": 50}, Kind(kind), rows, problem and Problem(problem)) == {"trees": 50}


def test_a_card_that_was_kept_before_problems_were_told_is_read():
    kept = to_plain(TREES)
    for rung in kept["adapted"]:
        del rung["problems"]
    assert from_plain(kept).resolved({}, Kind.TABULAR, 11, Problem.BINARY) == {"trees": 3}


@pytest.mark.parametrize("rows", [100, 2_501, 10_001, 20_001, 60_000])
@pytest.mark.parametrize("problem", [Problem.BINARY, Problem.MULTICLASS, Problem.REGRESSION])
def test_those_of_the_built_in_one_are_fit_for_it(rows, problem):
    found = CARD.resolved({}, Kind.TABULAR, rows, problem)
    assert CARD.faults(found) == [] and found != CARD.resolved({}, Kind.TABULAR, 60_001, problem)
