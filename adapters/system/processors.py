"""How many processors this process may use."""
from __future__ import annotations

import os


def count() -> int:
    """At least 1. What a container is allowed of their time is not looked at."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
