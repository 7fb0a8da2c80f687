"""The contract of the port TextCoder."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pyarrow.text_coder import PyarrowTextCoder
from tests.fakes.text_coder import InMemoryTextCoder

CODERS = pytest.mark.parametrize("coder", [InMemoryTextCoder(), PyarrowTextCoder()], ids=lambda one: type(one).__name__)


def code(coder, *texts: bytes):
    return coder.code(np.frombuffer(b"".join(texts), np.uint8), np.cumsum([0, *map(len, texts)]).astype(np.int32))


@CODERS
@given(texts=st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=5), max_size=30))
def test_texts_come_back_with_their_codes(coder, texts):
    found = code(coder, *(text.encode() for text in texts))
    assert found.tolist() == texts
    assert (found.codes.dtype, [found.texts[place] for place in found.codes]) == (np.intp, texts)
    assert list(found.texts) == list(dict.fromkeys(texts))


@CODERS
@pytest.mark.parametrize("texts", [(b"a", b"\xff"), (b"\xd0", b"\xb6"), (b"\xed\xa0\x80",)],
                         ids=["no letter", "a letter in two texts", "half of a surrogate pair"])
def test_what_is_not_utf8(coder, texts):
    assert code(coder, *texts) is None
