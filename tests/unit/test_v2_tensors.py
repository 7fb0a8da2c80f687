"""Texts of answers as bytes of the protocol."""
from __future__ import annotations

import numpy as np
import pytest

from domain.text_cells import CodedTexts
from entrypoints.formats.v2 import tensors
from entrypoints.formats.v2.tensors import BYTES, Tensor, to_bytes

LABELS = ["late", "", "früh", "on time"]


@pytest.mark.parametrize("labels", [LABELS, ["late\0", "", "früh", "x" * 300]], ids=["short", "one that is long"])
@pytest.mark.parametrize("rows", [slice(0, 6), slice(1, 2), slice(2, 4), slice(0, 0)], ids=str)
def test_labels_that_know_their_codes_are_written_as_those_that_do_not_and_no_more_often_than_there_are_rows(
        rows, labels, monkeypatch):
    framed, as_it_is = [], tensors._framed
    monkeypatch.setattr(tensors, "_framed", lambda value: framed.append(value) or as_it_is(value))
    coded = CodedTexts.of(labels, np.array([3, 2, 2, 0, 1, 3]))[rows]
    assert coded.codes is not None
    found = to_bytes(Tensor("prediction", BYTES, coded.shape, coded))
    assert len(framed) <= len(coded)
    plain = np.array(coded.tolist(), object)
    assert found == to_bytes(Tensor("prediction", BYTES, plain.shape, plain))
    assert found == b"".join(len(text.encode()).to_bytes(4, "little") + text.encode() for text in plain)
