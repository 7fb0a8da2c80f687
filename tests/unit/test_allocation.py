"""What is freed goes back to the system, also amid what is still in use."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Blocks of 8 MiB, after one of 16 MiB was freed once, and after each a small one that stays.
PROGRAM = """
import sys
import numpy as np, psutil
if sys.argv[1] == "given back":
    from entrypoints.processes import allocation
    allocation.give_back_what_is_freed()
np.ones(16 << 20, np.uint8)
before = psutil.Process().memory_info().rss
blocks, kept = [], []
for _ in range(16):
    blocks.append(np.ones(8 << 20, np.uint8))
    kept.append(np.ones(1 << 12, np.uint8))
del blocks
print(psutil.Process().memory_info().rss - before)
"""


def held_bytes(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], cwd=ROOT, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="of glibc")
def test_large_blocks_leave_nothing_behind() -> None:
    assert held_bytes("as usual") > 64 << 20, "what the setting is for"
    assert held_bytes("given back") < 4 << 20
