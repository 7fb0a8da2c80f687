"""One row as JSON."""
from __future__ import annotations

import json

import pytest

from domain.errors import TooLarge
from entrypoints.formats.json_rows import MAX_KEYS, decode_row


def test_more_keys_than_any_row_has_are_not_read():
    with pytest.raises(TooLarge, match="keys"):
        decode_row(json.dumps({str(number): 1 for number in range(MAX_KEYS + 2)}).encode())
    row = {str(number): 1 for number in range(MAX_KEYS)}
    assert decode_row(json.dumps(row).encode()) == row


def test_a_long_text_is_no_key():
    row = {"a": ":" * 2 * MAX_KEYS, "b": "x, y"}
    assert decode_row(json.dumps(row).encode()) == row
