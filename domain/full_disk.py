"""How the system says that a disk is full."""
from __future__ import annotations

import errno

# No space, no share of it left to this user, a file that may not grow further.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# What others make of it in their own words.
_IN_WORDS = ("no space left on device", "disk quota exceeded", "file too large", "database or disk is full")


def is_full(failure: BaseException) -> bool:
    return isinstance(failure, OSError) and failure.errno in _FULL


def says_full(text: str) -> bool:
    """Whether what a program has printed complains of it."""
    return any(words in text.lower() for words in _IN_WORDS)
