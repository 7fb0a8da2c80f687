"""Conditions that a person types, and the order that goes with them."""
from __future__ import annotations

import math

import pytest

from domain.conditions import MAX_CHARS, in_order, parse
from domain.errors import InvalidInput

FACTS = {"auc": 0.85, "depth": 6, "name": "First try", "tag": ("big", "old"), "flag": True, "none": 1, "gone": None,
         "l2 leaf": 3.0, "params.depth": 6, "loss": math.nan}


@pytest.mark.parametrize(("text", "met"), [
    ("auc > 0.8", True), ("auc > .85", False), ("auc >= 8.5e-1", True), ("auc < 1 and depth = 6", True),
    ("depth == 6", True), ("depth != 6", False), ("depth > -1", True), ("depth=6and auc>0", None),
    ("auc > 1 or depth < 7 and auc > 0.9", False), ("(auc > 1 or depth < 7) and auc > 0.8", True),
    ("not auc > 1", True), ("not not auc > 1", False), ("NOT (auc > 1 OR depth = 5)", True),
    ("name = 'First try'", True), ('name = "first try"', False), ("name contains 'FIRST'", True),
    ("tag = 'old'", True), ("tag != 'old'", False), ("tag != 'new'", True), ("tag contains 'ol'", True),
    ("flag = true", True), ("flag = 1", False), ("depth = true", False), ("flag != false", True),
    ("gone > 0", False), ("gone != 1", False), ("not gone > 0", True), ("gone = none", True), ("missing = none", True),
    ("auc = none", False), ("auc != none", True), ("name > 3", False), ("name != 3", True), ("name > 'Aa'", True),
    ("`l2 leaf` < 4", True), ("params.depth <= 6", True), ("loss > 0", False), ("loss = 0", False),
    ("depth contains '6'", False)])
def test_a_condition_is_met_or_not(text, met):
    if met is None:
        with pytest.raises(InvalidInput):
            parse(text)
    else:
        assert parse(text).test(FACTS) is met


@pytest.mark.parametrize(("text", "at", "words"), [
    ("", 1, "a name is expected, not the end"), ("auc >", 6, "a value is expected, not the end"),
    ("auc 0.8", 5, "one of =, !=, <, <=, >, >=, contains is expected, not 0.8"),
    ("auc > 0.8 depth < 6", 11, "'and' or 'or' is expected, not depth"), ("(auc > 0.8", 11, "the closing parenthesis"),
    ("auc > 0.8)", 10, "'and' or 'or' is expected, not )"), ("status = failed", 10, 'stands in quotes: "failed"'),
    ("auc > 'x", 7, "opened here and never closed"), ("auc > 0.8 & depth", 11, "'&' means nothing here"),
    ("and auc > 1", 1, "a name is expected, not and"), ("auc < none", 7, "by = and != alone"),
    ("name contains 3", 15, "a value is expected, not 3"), ("auc > 0.8x", 7, "means nothing here"),
    ("not " * 50 + "auc > 1", 161, "at most 40 deep"), ("(" * 5000, MAX_CHARS + 1, "at most 2000 characters"),
    ("ауц ≥ 1", 5, "means nothing here")])
def test_what_cannot_be_read_is_told_with_its_place(text, at, words):
    with pytest.raises(InvalidInput) as failure:
        parse(text, "filter")
    (fault,) = failure.value.faults
    assert fault.where == "filter" and fault.problem.startswith(f"at character {at}: ") and words in fault.problem


def test_the_names_are_told_with_their_places():
    assert parse("auc > 1 and not `a b` = 'x'").names == [("auc", 1), ("a b", 17)]


def test_what_has_no_value_stands_at_the_end_either_way():
    rows = [{"x": 2.0, "y": "b"}, {"x": None}, {"x": 1.0}, {"x": math.nan}, {"x": "text"}, {"x": 2.0, "y": "A"}]
    assert in_order(rows, [("x", False)]) == [2, 0, 5, 4, 1, 3]
    assert in_order(rows, [("x", True)]) == [4, 0, 5, 2, 1, 3]
    assert in_order(rows, [("x", True), ("y", False)]) == [4, 5, 0, 2, 1, 3]
    assert in_order(rows, []) == [0, 1, 2, 3, 4, 5]
