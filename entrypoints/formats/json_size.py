"""What a body of JSON takes in memory once it is decoded, known before it is."""
from __future__ import annotations

import numpy as np

# More than what is behind each of these signs, as measured of CPython's objects and of their growth: an object, an
# array, a value (behind its comma), half a text, and a key's place.
_BYTES = {b"{": 150, b"[": 80, b",": 32, b'"': 26, b":": 16}
# A text with one letter beyond the basic plane has four bytes for each, beside what it is made of.
_BYTES_A_LETTER = 5
_BYTES_AT_LEAST = 1 << 10


def decoded_bytes(body: bytes) -> int:
    """At most, with the body itself left out. Takes a fraction of the time that decoding takes."""
    signs = np.frombuffer(body, np.uint8)
    found = sum(each * int(np.count_nonzero(signs == ord(sign))) for sign, each in _BYTES.items())
    return _BYTES_AT_LEAST + found + len(body) * (1 if body.isascii() else _BYTES_A_LETTER)
