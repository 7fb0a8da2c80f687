"""Waiting for what other processes do."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(look: Callable[[], T], patience_s: float = 30.0, pause_s: float = 0.05) -> T:
    """What `look` gives as soon as that is true. Raises: AssertionError when the patience is over."""
    deadline = time.monotonic() + patience_s
    while not (seen := look()):
        assert time.monotonic() < deadline, f"still not so after {patience_s} s"
        time.sleep(pause_s)
    return seen
