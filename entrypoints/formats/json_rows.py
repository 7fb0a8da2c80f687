"""Rows as JSON objects: from bytes to plain values, or to words about what is wrong with them."""
from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice

import msgspec

from domain.cells import MAX_FAULTS, describe, in_words
from domain.errors import Fault, InvalidInput, TooLarge
from domain.rows import ValueRows

NOT_WRITTEN = "is missing; write null where there is no value"
# No row has so many columns, and nobody else is answered while as many keys again and again are read.
MAX_KEYS = 100_000
# Of rows that need not have every name: each row could have names of its own.
MAX_CELLS = 20_000_000
_PIECE_BYTES = 1 << 18
_SPACE = b" \t\r\n"
_BORDER = re.compile(rb"\}[ \t\r\n]*,[ \t\r\n]*\{")


def decode_row(body: bytes) -> dict[str, object]:
    """Raises: InvalidInput, TooLarge. NaN and Infinity come through as floats, so that coercion can name their column.
    """
    _check_keys(body)
    value = decode(body)
    if isinstance(value, dict):
        return value
    raise InvalidInput(f"expected one row as a JSON object, got {describe(value)}; many rows go to /forward_batch")


def decode_one_or_some(body: bytes, check: Callable[[int], None] = lambda rows: None
                       ) -> Mapping[str, object] | Sequence[object]:
    """A JSON object, one row, or an array, see `rows_of`. check: of how many rows there are, at least; called while an
    array is decoded, and at its end. Raises: InvalidInput, TooLarge, and what `check` does."""
    _check_keys(body)
    if (rows := _in_pieces(body, check)) is not None:
        return rows
    value = decode(body)
    if isinstance(value, list):
        check(len(value))
    if isinstance(value, (dict, list)):
        return value
    raise InvalidInput(f"expected one row as a JSON object, or an array of them, got {describe(value)}; whole files go "
                       "to /forward_batch")


def _check_keys(body: bytes) -> None:
    """Of one row. Raises: TooLarge."""
    # Each key has a colon after it and, but for the last, a comma after its value.
    if len(body) > MAX_KEYS and body.lstrip()[:1] == b"{" and min(body.count(b":"), body.count(b",")) > MAX_KEYS:
        raise TooLarge(f"the row has more than {MAX_KEYS:,} keys, by its colons and commas; send fewer columns")


def decode_rows(body: bytes) -> ValueRows:
    """A JSON array of rows; a name that a row lacks is null in it. Raises: InvalidInput, TooLarge."""
    found = _in_pieces(body)
    rows = _objects(decode(body) if found is None else found)
    names = _names(rows)
    if len(rows) * len(names) > MAX_CELLS:
        raise TooLarge(f"{len(rows):,} rows have {len(names):,} names among them; {MAX_CELLS:,} cells are allowed")
    return ValueRows({name: [row.get(name) for row in rows] for name in names})


def _in_pieces(body: bytes, check: Callable[[int], None] = lambda rows: None) -> list[object] | None:
    """A long array of objects, some at a time: nobody else goes on while one is decoded. None for what is not long, or
    cannot be parted, as it is no such array or broken somewhere."""
    text = body.strip(_SPACE)
    if len(text) <= _PIECE_BYTES or text[:1] != b"[" or text[-1:] != b"]":
        return None
    found, start, end = list[object](), 1, len(text) - 1
    while start < end:
        # What ends within a text or an object of a row is no JSON by itself, so it is not taken for rows.
        border = _BORDER.search(text, min(start + _PIECE_BYTES, end), end)
        try:
            found += msgspec.json.decode(b"[%b]" % text[start:border.start() + 1 if border else end])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        check(len(found))
        start = border.end() - 1 if border else end
    return found


def rows_of(values: Sequence[object]) -> ValueRows:
    """As of NDJSON: each row has every name, null where it has no value. Raises: InvalidInput."""
    rows = _objects(values)
    names = _names(rows)
    # No more than are told: each row could lack what all others have.
    faults = list(islice((
        Fault(f"row {number}, column {name}", NOT_WRITTEN, row=number) for number, row in enumerate(rows, 1)
        if len(row) < len(names) for name in names if name not in row), MAX_FAULTS))
    if faults:
        raise InvalidInput(in_words(faults), faults)
    return ValueRows({name: [row[name] for row in rows] for name in names})


def _objects(rows: object) -> Sequence[Mapping[str, object]]:
    """Raises: InvalidInput."""
    if not isinstance(rows, list) or not rows:
        raise InvalidInput(f"expected rows as a JSON array of objects, got {describe(rows)}")
    if wrong := [Fault(f"row {number}", f"expected a JSON object, got {describe(row)}", row=number)
                 for number, row in enumerate(rows, 1) if not isinstance(row, dict)][:MAX_FAULTS]:
        raise InvalidInput(in_words(wrong), wrong)
    return rows


def _names(rows: Sequence[Mapping[str, object]]) -> Collection[str]:
    return dict.fromkeys(name for row in rows for name in row).keys()


def decode(body: bytes) -> object:
    """Any JSON value. Raises: InvalidInput."""
    if not body.strip():
        raise InvalidInput("the body is empty; expected JSON")
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decode_leniently(body)


def _decode_leniently(body: bytes) -> object:
    """The standard library reads the literals NaN and Infinity and 1e400, and says where a fault stands."""
    try:
        return json.loads(body)
    except UnicodeDecodeError as failure:
        raise InvalidInput(f"the body is not UTF-8: byte {failure.start + 1} is {failure.object[failure.start]:#04x}"
                           ) from failure
    except RecursionError as failure:
        raise InvalidInput("the body is nested too deeply") from failure
    except json.JSONDecodeError as failure:
        raise InvalidInput(f"the body is not JSON: {failure.msg.lower()} at line {failure.lineno}, "
                           f"column {failure.colno}") from failure
    except ValueError as failure:  # an integer of more digits than Python will read
        raise InvalidInput("the body holds a number that is too long to be read") from failure
