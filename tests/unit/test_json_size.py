"""What JSON takes is known before it is decoded."""
from __future__ import annotations

import json
import tracemalloc

import msgspec
import pytest

from entrypoints.formats.json_size import decoded_bytes

SIZE = 1 << 20
MOST_ABOVE = 5


def array_of(item: str) -> bytes:
    return f"[{','.join([item] * (SIZE // (len(item.encode()) + 1)))}]".encode()


BODIES = {
    "objects": array_of("{}"), "small objects": array_of('{"a":1}'), "nested": array_of('{"a":{"b":{}}}'),
    "arrays": array_of("[]"), "nested arrays": array_of("[[[1]]]"), "arrays of one": array_of("[1]"),
    "small numbers": array_of("1"), "numbers": array_of("1.5"), "large numbers": array_of("10000"),
    "empty texts": array_of('""'), "letters": array_of('"a"'), "texts": array_of('"ab"'),
    "Russian": array_of('"Ж"'), "astral": array_of('"ab😀"'), "nulls": array_of("null"),
    "keys": b"{%b}" % b",".join(b'"%d":1' % number for number in range(SIZE // 10)),
    "rows": array_of(f"{{{','.join(f'{chr(34)}c{number}{chr(34)}:1.5' for number in range(30))}}}"),
    "one text": json.dumps("x" * SIZE).encode(), "one text of all planes": f'"{"x" * SIZE}😀"'.encode(),
}


@pytest.mark.parametrize("name", BODIES)
def test_it_takes_no_more(name):
    body = BODIES[name]
    tracemalloc.start()
    try:
        decoded = msgspec.json.decode(body)
        took = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert decoded
    assert took <= decoded_bytes(body), name


@pytest.mark.parametrize("name", ["rows", "numbers", "keys", "one text"])
def test_of_what_is_usual_it_is_not_many_times_too_much(name):
    body = BODIES[name]
    tracemalloc.start()
    try:
        decoded = msgspec.json.decode(body)
        took = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert decoded and decoded_bytes(body) < MOST_ABOVE * took
