"""Elements of BYTES that are found all at once, against a look at each."""
from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from entrypoints.formats.v2 import elements, tensors

SHORT = st.binary(max_size=6)
WITHOUT_NUL = SHORT.map(lambda text: text.replace(b"\0", b"x"))


def raw_of(texts) -> bytes:
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


@given(texts=st.lists(WITHOUT_NUL, min_size=1, max_size=40))
def test_elements_without_nul_are_found(texts):
    found = elements.found(raw_of(texts), len(texts))
    assert found.whole() == texts
    assert (found.content.dtype, found.offsets.dtype, found.offsets[0]) == (np.uint8, np.int32, 0)
    assert found.offsets[-1] == len(found.content)


@given(texts=st.lists(SHORT, min_size=1, max_size=40))
def test_what_is_found_is_what_a_look_at_each_finds(texts):
    found = elements.found(raw_of(texts), len(texts))
    assert found is None or found.whole() == texts


@given(raw=st.lists(st.sampled_from([0, 0, 0, 1, 2, 4, 97]), min_size=1, max_size=60).map(bytes),
       count=st.integers(1, 12))
def test_of_any_bytes(raw, count):
    found = elements.found(raw, count)
    try:
        one_by_one = tensors._elements("x", raw, count)
    except InvalidInput:
        assert found is None
    else:
        assert found is None or found.whole() == one_by_one


@pytest.mark.parametrize("texts", [[b"a" * 256], [b"a" * 255, b"b" * 256], [b"a\0b", b"c"], [b"a\0\0\0b", b"c"]],
                         ids=["256 bytes", "one of 256 bytes", "a NUL", "three of them"])
def test_what_needs_a_look_at_each(texts):
    assert elements.found(raw_of(texts), len(texts)) is None


def test_what_has_more_zeros_than_elements_is_not_looked_through(monkeypatch):
    monkeypatch.setattr(np, "flatnonzero", lambda _: pytest.fail("it was looked through"))
    assert elements.found(raw_of([b"\0a" * 50, b"b"]), 2) is None


@pytest.mark.parametrize("texts", [[b"a" * 255, b"b" * 9], [b""] * 3, [b"", b"a", b"", b"", b"bc", b""], [b"abcd"] * 4])
def test_what_is_found(texts):
    assert elements.found(raw_of(texts), len(texts)).whole() == texts
