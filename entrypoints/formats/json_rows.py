"""One row as a JSON object: from bytes to plain values, or to words about what is wrong with it."""
from __future__ import annotations

import json

import msgspec

from domain.cells import MAX_FAULTS, describe, in_words
from domain.errors import Fault, InvalidInput
from domain.rows import ValueRows


def decode_row(body: bytes) -> dict[str, object]:
    """Raises: InvalidInput. NaN and Infinity come through as floats, so that coercion can name their column."""
    value = decode(body)
    if isinstance(value, dict):
        return value
    raise InvalidInput(f"expected one row as a JSON object, got {describe(value)}; many rows go to /forward_batch")


def decode_rows(body: bytes) -> ValueRows:
    """A JSON array of rows; a name that a row lacks is null in it. Raises: InvalidInput."""
    rows = decode(body)
    if not isinstance(rows, list) or not rows:
        raise InvalidInput(f"expected rows as a JSON array of objects, got {describe(rows)}")
    if wrong := [Fault(f"row {number}", f"expected a JSON object, got {describe(row)}", row=number)
                 for number, row in enumerate(rows, 1) if not isinstance(row, dict)][:MAX_FAULTS]:
        raise InvalidInput(in_words(wrong), wrong)
    names = dict.fromkeys(name for row in rows for name in row)
    return ValueRows({name: [row.get(name) for row in rows] for name in names})


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
