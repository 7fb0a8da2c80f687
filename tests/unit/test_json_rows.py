"""Rows as JSON."""
from __future__ import annotations

import json

import pytest

from domain.errors import InvalidInput, TooLarge
from entrypoints.formats.json_rows import MAX_KEYS, decode_one_or_some, decode_row, decode_rows, rows_of


def test_more_keys_than_any_row_has_are_not_read():
    with pytest.raises(TooLarge, match="keys"):
        decode_row(json.dumps({str(number): 1 for number in range(MAX_KEYS + 2)}).encode())
    row = {str(number): 1 for number in range(MAX_KEYS)}
    assert decode_row(json.dumps(row).encode()) == row


def test_a_long_text_is_no_key():
    row = {"a": ":" * 2 * MAX_KEYS, "b": "x, y"}
    assert decode_row(json.dumps(row).encode()) == row


def test_rows_that_have_names_of_their_own_are_not_multiplied_with_them():
    body = json.dumps([{str(number): 1} for number in range(20_000)]).encode()
    with pytest.raises(TooLarge, match="cells"):
        decode_rows(body)
    with pytest.raises(InvalidInput) as refused:
        rows_of(decode_one_or_some(body))
    assert len(refused.value.faults) == 100


def test_many_rows_have_many_keys():
    rows = [{"a": 1, "b": 2}] * MAX_KEYS
    assert decode_one_or_some(json.dumps(rows).encode()) == rows
