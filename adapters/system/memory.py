"""How much memory this process may have at most."""
from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# Where a container's limit stands: its control group is the root that it sees. Of version 2, and of version 1.
_LIMITS = ("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes")


def memory_bytes(root: Path = Path("/")) -> int:
    """Of the machine, or of the container if that has less."""
    return min([os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *_limits(root)])


def _limits(root: Path) -> Iterator[int]:
    for name in _LIMITS:
        with suppress(OSError, ValueError):  # there is none, or it is "max"
            yield int((root / name).read_text(encoding="ascii"))
