"""The order in which files of tests begin."""
from __future__ import annotations

import subprocess
import sys

import pytest

from tests.order import ROOT, SLOWEST, rank


@pytest.mark.parametrize("name", SLOWEST)
def test_what_is_to_come_first_is_there(name):
    assert (ROOT / name).exists()


def test_the_longest_begins_first():
    asked = ["tests/unit/test_table.py", "tests/contracts/test_clock.py", "tests/e2e/test_repro.py",
             "tests/e2e/test_kill.py"]
    told = subprocess.run([sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *asked],
                          cwd=ROOT, capture_output=True, text=True, check=True)
    found = [line.split("::")[0] for line in told.stdout.splitlines() if "::" in line]
    assert list(dict.fromkeys(found)) == asked[::-1]
    ranks = [rank(ROOT / name) for name in asked]
    assert ranks == sorted(set(ranks), reverse=True)
    assert (ranks[0], ranks[-1]) == (len(SLOWEST), 0)
