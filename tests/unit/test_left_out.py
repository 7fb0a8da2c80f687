"""A process that answers does without what is installed beside it for training."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MADE_AN_ARRAY = "import sys, pyarrow; pyarrow.array(['a']); print('pandas' in sys.modules)"


@pytest.mark.parametrize(("before", "imported"), [
    ("", "True"), ("from entrypoints.http.worker import make_app; make_app()", "False")])
def test_an_array_of_arrow_brings_no_pandas(tmp_path: Path, before: str, imported: str) -> None:
    done = subprocess.run([sys.executable, "-c", f"{before}\n{MADE_AN_ARRAY}"], cwd=ROOT, capture_output=True,
                          text=True, check=True, env={**os.environ, "PROGON_HOME": str(tmp_path)})
    assert done.stdout.split() == [imported]


def test_all_else_is_imported_as_before() -> None:
    program = ("from entrypoints.processes.left_out import leave_out_pandas; leave_out_pandas(); import colorsys\n"
               "try: import pandas\nexcept ModuleNotFoundError as failure: print(failure.name)")
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True,
                          check=True).stdout == "pandas\n"
