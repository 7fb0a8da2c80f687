"""What processes take, where pages that they share count once."""
from __future__ import annotations

import re
from pathlib import Path


def pss_mb(pid: int) -> float:
    """The proportional set size, MB of 2**20 bytes. 0 for one that has none. Raises: OSError for one that is gone."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    found = re.search(r"Pss:\s+(\d+) kB", told)
    return int(found[1]) / 1024 if found else 0.0
