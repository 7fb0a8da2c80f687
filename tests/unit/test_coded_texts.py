"""Texts that know their codes are texts as any others."""
from __future__ import annotations

import pickle

import numpy as np
import pytest

from domain.text_cells import CodedTexts, joined, labelled


@pytest.fixture
def coded() -> CodedTexts:
    return CodedTexts.of(["UA", "", "B6"], np.array([0, 2, 2, 1, 0]))


def test_it_is_the_texts(coded):
    assert coded.dtype == object and coded.tolist() == ["UA", "B6", "B6", "", "UA"] and type(coded[1]) is str
    np.testing.assert_array_equal(coded == "UA", [True, False, False, False, True])
    assert type(coded == "UA") is np.ndarray and type(np.where(coded == "", "x", coded)) is np.ndarray


def test_a_slice_knows_its_codes_too(coded):
    part = coded[1:4][1:]
    assert part.codes.tolist() == [2, 1] and [part.texts[code] for code in part.codes] == part.tolist() == ["B6", ""]


@pytest.mark.parametrize("other", [
    lambda coded: coded[[2, 0]], lambda coded: coded[coded != ""], lambda coded: coded.copy(),
    lambda coded: np.concatenate([coded, coded[:2]]), lambda coded: pickle.loads(pickle.dumps(coded)),
], ids=["places", "mask", "copy", "concatenated", "pickled"])
def test_what_is_made_of_it_claims_no_codes(coded, other):
    made = other(coded)
    assert getattr(made, "codes", None) is None and set(made.tolist()) <= {"UA", "", "B6"}


def test_what_is_changed_claims_none(coded):
    coded[0] = "DL"
    assert coded.codes is None and coded[:1].codes is None and coded[0] == "DL"


@pytest.mark.parametrize("positions", [[2], [[1]], [], [0, 2, 1, 0], [[0], [2]], [-1, 0, -3]])
def test_labels_by_their_positions(positions):
    made = labelled(["a", "b", "c"], np.array(positions, dtype=np.int64))
    assert made.dtype == object and made.tolist() == ["abc"[place] for place in np.ravel(positions).astype(int)]
    assert len(made) == 1 or [made.texts[code] for code in made.codes] == made.tolist() and (made.codes >= 0).all()


@pytest.mark.parametrize("positions", [[3], [0, 3], [0, -4]])
def test_a_position_without_a_label(positions):
    with pytest.raises(IndexError):
        labelled(["a", "b", "c"], np.array(positions, dtype=np.int64))


def test_parts_of_the_same_texts_are_joined_with_their_codes(coded):
    whole = joined([coded[:2], coded[2:], coded[:0]])
    assert whole.tolist() == coded.tolist() and whole.codes.tolist() == coded.codes.tolist()


@pytest.mark.parametrize("other", [CodedTexts.of(["UA", "B6"], np.array([1, 0])), np.array(["B6", "UA"], dtype=object)],
                         ids=["other texts", "no codes"])
def test_parts_of_other_texts_are_joined_as_texts(coded, other):
    for parts in ([coded, other], [other, coded]):
        whole = joined(parts)
        assert type(whole) is np.ndarray and whole.tolist() == [text for part in parts for text in part]
