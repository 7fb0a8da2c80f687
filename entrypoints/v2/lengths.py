"""Where the JSON of a request ends and its binary tensors begin."""
from __future__ import annotations

# `int` itself refuses thousands.
_MOST_DIGITS = 18


def json_bytes_of(said: str, body_bytes: int) -> int | None:
    """said: as Inference-Header-Content-Length has it. None where it is no number of bytes that the body has."""
    if not (said.isdecimal() and len(said) <= _MOST_DIGITS):
        return None
    found = int(said)
    return found if found <= body_bytes else None
