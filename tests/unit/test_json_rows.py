"""Rows as JSON."""
from __future__ import annotations

import json

import pytest

from domain.errors import InvalidInput, TooLarge
from entrypoints.formats import json_rows
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


def in_one_piece(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return "broken"


def in_pieces(body: bytes) -> object:
    try:
        return decode_one_or_some(body)
    except InvalidInput:
        return "broken"


@pytest.mark.parametrize("row", [
    {"a": 1}, {"a": "},{"}, {"a": [{"b": 1}, {"c": "}, {"}]}, {"a": {"b": {}}}, {"a": 'x"},{"y'}, {"a": "\\"}, {}, 1,
    None, "}, {", [{"a": 1}, {"a": 2}]], ids=str)
@pytest.mark.parametrize("space", [", ", ",", " \n,\t", "\x0b,", ",\x0b"], ids=repr)
def test_a_long_array_is_the_same_in_pieces(row, space, monkeypatch):
    monkeypatch.setattr(json_rows, "_PIECE_BYTES", 10)
    for number in (1, 2, 40):
        body = f" [{space.join([json.dumps(row)] * number)}]\n".encode()
        for sent in (body, body[:-2], body.replace(b"]", b",]"), body[:-1] + b"]", body + b"1", b"\x0b" + body):
            assert in_pieces(sent) == in_one_piece(sent)


def test_an_array_of_too_many_rows_is_not_decoded_to_its_end(monkeypatch):
    monkeypatch.setattr(json_rows, "_PIECE_BYTES", 100)
    seen: list[int] = []

    def check(rows: int) -> None:
        seen.append(rows)
        if rows > 50:
            raise TooLarge("too many")
    with pytest.raises(TooLarge):
        decode_one_or_some(b"[%b" % b",".join([b'{"a":1}'] * 100_000) + b"]", check)
    assert 50 < seen[-1] < 100
    with pytest.raises(TooLarge):
        decode_one_or_some(b"[%b]" % b",".join([b"1"] * 100_000), check)
