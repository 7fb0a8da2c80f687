"""Values that training never saw, counted from texts and from codes of texts alike."""
from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.columns.category import texts_of
from domain.prediction import ModelCard
from domain.table import Table
from domain.text_cells import CodedTexts
from domain.unseen import Unseen

KNOWN = ["a", "b"]


def of_file(**categories: list[str]) -> Unseen:
    return Unseen(ModelCard((), (), (), (), {"categories": json.dumps(categories)}))


@given(st.lists(st.sampled_from(["", "a", "b", "c", "d"]), min_size=1))
def test_codes_tell_what_their_texts_do(texts: list[str]) -> None:
    shares = []
    for column in (texts_of(texts), CodedTexts.like(texts_of(texts))):
        unseen = of_file(x=KNOWN)
        unseen.look(Table({"x": column}))
        shares.append(unseen.shares())
    odd = sum(text in ("c", "d") for text in texts)
    assert shares[0] == shares[1] == ({"x": pytest.approx(odd / len(texts))} if odd else {})


def test_a_text_that_stands_twice_among_the_distinct_ones_is_counted_by_its_rows() -> None:
    unseen = of_file(x=KNOWN)
    unseen.look(Table({"x": CodedTexts.of(["a", "c", "c", ""], np.array([0, 1, 2, 2, 3]))}))
    assert unseen.shares() == {"x": pytest.approx(3 / 5)}


def test_several_parts_are_one_file_and_the_largest_share_comes_first() -> None:
    unseen = of_file(x=KNOWN, y=KNOWN)
    for x, y in (("a", "a"), ("c", "a"), ("c", "c"), ("a", "")):
        unseen.look(Table({"x": texts_of([x]), "y": texts_of([y])}))
    assert list(unseen.shares().items()) == [("x", 0.5), ("y", 0.25)]


def test_parts_that_have_their_distinct_texts_in_common_are_counted_each() -> None:
    unseen, texts, others = of_file(x=KNOWN), ["a", "c", ""], ["a", "b", "d"]
    for distinct, codes in ((texts, [0, 1, 1]), (texts, [1, 2, 0]), (others, [0, 1, 2]), (texts, [0, 0, 2])):
        unseen.look(Table({"x": CodedTexts.of(distinct, np.array(codes))}))
    assert unseen.shares() == {"x": pytest.approx(4 / 12)}
