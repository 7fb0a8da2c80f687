"""A process whose threads work on ends nevertheless."""
from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import atexit, sys, threading
from entrypoints.processes import ending
atexit.register(lambda: print("what is due at the end was done"))
def work():
    threading.Event().wait()
with ending.without_waiting():
    threading.Thread(target=work, daemon={daemon}).start()
    {end}
"""


@pytest.mark.parametrize(("end", "daemon", "code"), [
    ("pass", False, 0), ("sys.exit(0)", False, 0), ("sys.exit()", False, 0), ("sys.exit(0)", True, 0),
    ("sys.exit(3)", True, 3)])
def test_it_ends(end, daemon, code):
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(end=end, daemon=daemon)], timeout=30,
                          capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.strip() == "what is due at the end was done"
