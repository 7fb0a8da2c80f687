"""Answers packed as the caller can read them."""
from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

_PACKERS: Mapping[str, Callable[[bytes, int], bytes]] = MappingProxyType(
    {"gzip": gzip.compress, "deflate": zlib.compress})
_QUICKLY, _WORTH_PACKING_BYTES = 1, 1_024
# What somebody names to say that he does not want it.
_UNWANTED = re.compile(r"[a-z*-]+\s*;\s*q=0(?:\.0*)?(?=\s*(?:,|$))")


def packed(accepted: str, body: bytes) -> tuple[bytes, Mapping[str, str]]:
    """accepted: as Accept-Encoding has it. Returns: the body, as it is where packing is not worth it, and the headers
    that say how it is."""
    if len(body) < _WORTH_PACKING_BYTES:
        return body, {}
    wanted = _UNWANTED.sub("", accepted.lower())
    coding = next((name for name in _PACKERS if name in wanted), None)
    if coding is None:
        return body, {}
    return _PACKERS[coding](body, _QUICKLY), {"Content-Encoding": coding, "Vary": "Accept-Encoding"}
